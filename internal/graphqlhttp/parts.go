package graphqlhttp

import (
	"context"
	"mime"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/internal/incremental"
	"jobgraph/internal/multipart"
)

// negotiateParts chooses the format of an answer in parts by the Accept headers; nil where they
// name none. A client that accepts both equally gets the newer one.
func negotiateParts(accept []string) *multipart.Incremental {
	var older, newer preference
	for _, field := range accept {
		if !strings.Contains(field, multipart.MediaType) { // the common case
			continue
		}
		for part := range strings.SplitSeq(field, ",") {
			kind, params, err := mime.ParseMediaType(part)
			if err != nil || kind != multipart.MediaType {
				continue
			}
			spec, named := "", false
			for _, name := range [...]string{"deferspec", "incrementalspec", "subscriptionspec"} {
				if version, ok := params[name]; ok {
					spec, named = name+"="+version, true
				}
			}
			switch {
			case !named, strings.EqualFold(spec, string(incremental.Spec20220824)):
				older.consider(3, quality(params["q"]))
			case strings.EqualFold(spec, string(incremental.SpecV02)):
				newer.consider(3, quality(params["q"]))
			}
		}
	}
	switch {
	case older.quality <= 0 && newer.quality <= 0:
		return nil
	case newer.quality >= older.quality:
		return &multipart.Incremental{Format: incremental.SpecV02}
	}
	return &multipart.Incremental{Format: incremental.Spec20220824}
}

// negotiateOnly chooses the form of the answer for a client that does not accept JSON; nil where it
// accepts nothing that there is.
func negotiateOnly(accept []string) streamWriter {
	if form := negotiateStream(accept); form != nil {
		return form
	}
	if form := negotiateParts(accept); form != nil {
		return form
	}
	return nil
}

// inParts reports whether an operation may be answered in parts, and in which form.
func (a *answer) inParts(op *graphql.OperationContext) (*multipart.Incremental, bool) {
	if form, only := a.only.(*multipart.Incremental); only {
		return form, true
	}
	if a.only != nil || op.Operation.Operation != ast.Query || !strings.Contains(op.RawQuery, "@defer") {
		return nil, false
	}
	form := negotiateParts(a.params.Headers["Accept"])
	return form, form != nil
}

// parts answers an operation in parts if it has any, and otherwise as the client's Accept has it.
// It is not shared with equal requests. The parts are in the time of the request, and their memory
// in its account.
func (a *answer) parts(op *graphql.OperationContext, exec graphql.GraphExecutor, form *multipart.Incremental) {
	ctx, cancel := context.WithCancel(incremental.Allow(a.ctx))
	defer cancel()
	responses, inner := exec.DispatchOperation(ctx, op)
	response := responses(inner)
	if response == nil {
		a.ended(inner)
		return
	}
	part := incremental.Detach(response)
	switch {
	case part == nil && a.isOverloaded(op.Operation.Operation):
		a.refuse(overloaded())
		return
	case part == nil && a.only == nil:
		a.executed(response)
		return
	case part == nil:
		part = &incremental.Part{}
	}
	s := a.openStream(form, cancel)
	defer s.close()
	a.recorded.Fail(response.Errors)
	sent := s.payload(form.Format.First(response, part), cancel)
	for part.HasNext { // until the last part, also where the client has gone: goroutines end by it
		response = responses(inner)
		part = incremental.Detach(response)
		a.recorded.Fail(response.Errors)
		sent = sent && s.payload(form.Format.Next(response, part), cancel)
	}
	if sent {
		s.end()
	}
}

// payload sends one part, and ends the operation if the client cannot be written to. A client that
// reads slowly is interrupted when others need the memory.
func (s *stream) payload(json []byte, cancel func()) bool {
	s.answer.account.AwaitClient(func() { _ = s.control.SetWriteDeadline(longAgo()) })
	defer s.answer.account.ClientDone()
	if !s.send(s.writer.Next(nil, "", json)) {
		cancel()
		return false
	}
	return true
}

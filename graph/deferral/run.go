// Package deferral answers operations with @defer in parts: first what is not deferred, and then
// each deferred fragment as it is ready.
//
// A part is an operation of its own: the fields that lead to a fragment, and what it selects. Both
// engines answer it like any other. The parts share the request's limits, and what was read of
// GitLab for one part is not read for another (loader.Config.Parts), so that the lists that lead to
// a fragment are the same for all.
//
// gqlgen's own support is not used: it sends null for what is deferred, and waits forever for a
// fragment when the request is cancelled.
package deferral

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/internal/incremental"
)

// Config is what the parts of an operation are executed by.
type Config struct {
	Dispatch  func(context.Context, *graphql.OperationContext) (graphql.ResponseHandler, context.Context)
	Recovered func(ctx context.Context, cause any) *gqlerror.Error
}

// run is the execution of one operation.
type run struct {
	Config
	*Split
	context   context.Context
	request   *loader.Request
	begun     bool
	ids       int
	running   int
	ready     chan answered
	pending   map[*fragment][]*incremental.Pending
	delivered []json.RawMessage // the data of the parts so far
}

// answered is the response to a fragment.
type answered struct {
	fragment *fragment
	response *graphql.Response
}

// Run returns the responses to an operation that was split, to be called until it returns nil: its
// goroutines have ended then. They end early when the context does.
func (s *Split) Run(ctx context.Context, request *loader.Request, c Config) graphql.ResponseHandler {
	r := &run{Config: c, Split: s, context: ctx, request: request,
		ready: make(chan answered, len(s.fragments)), pending: map[*fragment][]*incremental.Pending{}}
	return func(context.Context) *graphql.Response {
		switch {
		case !r.begun:
			r.begun = true
			return r.begin()
		case r.running == 0:
			return nil
		}
		r.running--
		return r.deliver(<-r.ready)
	}
}

// execute answers a part. The response is nil if the request ended before it.
func (r *run) execute(op *graphql.OperationContext) *graphql.Response {
	responses, inner := r.Dispatch(loader.With(r.context, r.request.Part()), op)
	return responses(inner)
}

// begin answers what is not deferred. If it has no object for which something is, the response is
// the complete answer.
func (r *run) begin() *graphql.Response {
	response := r.execute(r.first)
	if response == nil {
		return nil
	}
	r.delivered = append(r.delivered, response.Data)
	if started := r.start(nil); len(started) > 0 {
		incremental.Attach(response, &incremental.Part{Pending: started, HasNext: true})
	}
	return response
}

// start executes the fragments that are directly within another one, or within none, and returns
// the objects that they are deferred for.
func (r *run) start(within *fragment) []*incremental.Pending {
	var started []*incremental.Pending
	for _, f := range r.fragments {
		if f.within != within {
			continue
		}
		walk(r.delivered, f.path, nil, func(at ast.Path, _ []json.RawMessage) {
			r.pending[f] = append(r.pending[f], &incremental.Pending{ID: strconv.Itoa(r.ids), Path: at, Label: f.label})
			r.ids++
		})
		if len(r.pending[f]) == 0 {
			continue
		}
		started = append(started, r.pending[f]...)
		r.running++
		go func() { r.ready <- answered{f, r.answer(f)} }()
	}
	return started
}

// answer executes a fragment. The response is never nil.
func (r *run) answer(f *fragment) (response *graphql.Response) {
	defer func() {
		if cause := recover(); cause != nil {
			response = &graphql.Response{Errors: gqlerror.List{r.Recovered(r.context, cause)}}
		}
	}()
	if response = r.execute(f.operation); response != nil {
		return response
	}
	late := graphqlhttp.TimedOut(r.context)
	if late == nil {
		late = &gqlerror.Error{
			Message: "the client has closed the request", Extensions: map[string]any{"code": errcode.RequestTimeout},
		}
	}
	return &graphql.Response{Errors: gqlerror.List{late}}
}

// deliver returns a fragment's response as a part, and starts the fragments within it.
func (r *run) deliver(a answered) *graphql.Response {
	objects, before := map[string]json.RawMessage{}, map[string][]json.RawMessage{}
	walk([]json.RawMessage{a.response.Data}, a.fragment.path, nil, func(at ast.Path, object []json.RawMessage) {
		objects[at.String()] = object[0]
	})
	walk(r.delivered, a.fragment.path, nil, func(at ast.Path, object []json.RawMessage) { before[at.String()] = object })
	errors, others := byPath(a.response.Errors, objects)
	part := &incremental.Part{}
	for _, p := range r.pending[a.fragment] {
		at := p.Path.String()
		result := incremental.Result{Of: p, Data: objects[at], Errors: errors[at]}
		if result.Data == nil {
			// Without an error, the object is of a type that the fragment is not on.
			result.Errors = others
			others = others[:min(len(others), 1)] // the other objects only get the first
		} else {
			result.New = additions(result.Data, before[at], nil)
		}
		part.Results = append(part.Results, result)
	}
	r.delivered = append(r.delivered, a.response.Data)
	part.Pending = r.start(a.fragment)
	part.HasNext = r.running > 0
	response := &graphql.Response{Errors: a.response.Errors, Extensions: a.response.Extensions}
	incremental.Attach(response, part)
	return response
}

// byPath returns the errors that belong to each of the objects, and the others.
func byPath(
	list gqlerror.List, objects map[string]json.RawMessage,
) (of map[string]gqlerror.List, others gqlerror.List) {
	of = map[string]gqlerror.List{}
	for _, e := range list {
		n := len(e.Path)
		for n >= 0 && objects[e.Path[:n].String()] == nil {
			n--
		}
		if n < 0 {
			others = append(others, e)
			continue
		}
		at := e.Path[:n].String()
		of[at] = append(of[at], e)
	}
	return of, others
}

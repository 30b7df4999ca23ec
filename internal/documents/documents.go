// Package documents lets clients name a GraphQL document instead of sending it.
//
// There are two kinds. A trusted document is one of a manifest that was written when a client was
// built, and may be all that the operator allows. A registered document is one that a client has
// sent once with its hash (automatic persisted queries); those are kept within a bound in bytes,
// and may be evicted at any time; clients then send them again.
//
// A request names a document by documentId, as the appendix of the GraphQL over HTTP specification
// has it, or by extensions.persistedQuery, as Apollo's protocol does. [Extension] puts the text of
// a named document into the request before anything else reads it, so that every transport and
// every limit works on the same text.
package documents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
)

// IDKey is the key of a request's extensions that holds its documentId.
const IDKey = "documentId"

// The modes: how a document that no manifest lists is handled.
const (
	Allow  = "allow"  // it is executed
	Log    = "log"    // it is executed, and logged
	Refuse = "refuse" // it is refused
)

// Config determines which documents may be named and sent.
type Config struct {
	Mode            string
	RegisteredBytes int    // of documents that clients register; 0 keeps none
	Shared          Shared // nil: this replica is alone
	// Unlisted is called with the name of an operation that no manifest lists, if Mode is Log.
	Unlisted func(operation string)
}

// Shared is where replicas keep the documents that clients have registered at one of them. It
// returns soon, also when it cannot be reached; what it returns is not trusted.
type Shared interface {
	// FindDocument returns the text that was registered by a hash, if it is no longer than a bound.
	FindDocument(ctx context.Context, hash string, maxBytes int) (text string, found bool)
	// AddDocument keeps a text by its hash, and drops the oldest ones past a bound of all bytes.
	AddDocument(ctx context.Context, hash, text string, allBytes int)
}

// Extension resolves the documents that requests name. It is one of gqlgen's executor and must be
// used before any other that reads a request's query.
type Extension struct {
	config     Config
	trusted    *Trusted
	registered *registered
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = (*Extension)(nil)

// New returns an extension. trusted may be nil.
func New(c Config, trusted *Trusted) *Extension {
	return &Extension{config: c, trusted: trusted, registered: newRegistered(c.RegisteredBytes, c.Shared)}
}

// ExtensionName is the extension's name for gqlgen.
func (*Extension) ExtensionName() string { return "Documents" }

// Validate has nothing to check.
func (*Extension) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters puts the text of the document that a request names into the request,
// and refuses a text that may not be sent.
func (e *Extension) MutateOperationParameters(ctx context.Context, r *graphql.RawParams) *gqlerror.Error {
	id, hash, err := named(r)
	if err != nil {
		return err
	}
	switch {
	case id != "" && r.Query != "":
		return coded(errcode.BadRequest, "send query or documentId, not both")
	case id != "":
		return e.resolve(ctx, r, id)
	case r.Query == "" && hash != "":
		return e.resolve(ctx, r, hash)
	case hash != "" && hash != digest(r.Query):
		return coded(errcode.BadUserInput, "the document does not have the SHA-256 hash that extensions.persistedQuery tells")
	}
	return e.allow(r)
}

// resolve finds a document by its ID. An ID that is a hash may be prefixed with the algorithm's
// name, as the appendix of GraphQL over HTTP has it, in the request as in the manifest.
func (e *Extension) resolve(ctx context.Context, r *graphql.RawParams, id string) *gqlerror.Error {
	hash := strings.TrimPrefix(id, "sha256:")
	for _, listed := range []string{id, hash, "sha256:" + hash} {
		if text, ok := e.trusted.find(listed); ok {
			r.Query = text
			return nil
		}
	}
	if text, ok := e.registered.find(ctx, hash); ok {
		r.Query = text
		return e.allow(r)
	}
	// Clients of automatic persisted queries also match this message.
	return coded(errcode.PersistedQueryNotFound, "PersistedQueryNotFound")
}

// allow refuses or logs a text that no manifest lists.
func (e *Extension) allow(r *graphql.RawParams) *gqlerror.Error {
	if e.config.Mode == Allow || e.config.Mode == "" || e.trusted.lists(r.Query) {
		return nil
	}
	if e.config.Mode == Log {
		e.config.Unlisted(r.OperationName)
		return nil
	}
	return coded(errcode.QueryNotInSafelist, "only documents that the operator has listed are executed here")
}

// MutateOperationContext registers a document that was sent with its hash, once it is valid.
func (e *Extension) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	hash, _ := persistedHash(op.Extensions)
	if hash != "" {
		e.registered.add(ctx, hash, op.RawQuery)
	}
	return nil
}

// Bytes returns the bytes that registered documents take.
func (e *Extension) Bytes() int { return e.registered.size() }

// named returns the ID and the hash that a request names its document by; empty where it does not.
func named(r *graphql.RawParams) (id, hash string, err *gqlerror.Error) {
	if value, given := r.Extensions[IDKey]; given {
		id, _ = value.(string)
		if id == "" {
			return "", "", coded(errcode.BadRequest, "documentId must be a string that is not empty")
		}
	}
	hash, ok := persistedHash(r.Extensions)
	if !ok {
		return "", "", coded(errcode.BadRequest, "extensions.persistedQuery must have version 1 and a sha256Hash of 64 hexadecimal digits")
	}
	return id, hash, nil
}

// persistedHash returns the hash of extensions.persistedQuery, or ""; false where it is malformed.
func persistedHash(extensions map[string]any) (string, bool) {
	value, given := extensions["persistedQuery"]
	if !given || value == nil {
		return "", true
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return "", false
	}
	hash, _ := fields["sha256Hash"].(string)
	hash = strings.ToLower(hash)
	return hash, isDigest(hash) && isOne(fields["version"])
}

// isDigest reports whether a text is a hash as digest writes it, but for the case of its letters.
func isDigest(text string) bool {
	if len(text) != 2*sha256.Size {
		return false
	}
	_, err := hex.DecodeString(text)
	return err == nil
}

// isOne reports whether a JSON number is 1, in any type in which a transport decodes it.
func isOne(v any) bool {
	switch v := v.(type) {
	case float64:
		return v == 1
	case int64:
		return v == 1
	case interface{ String() string }:
		return v.String() == "1"
	}
	return false
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func coded(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

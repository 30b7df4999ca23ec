package limits

import (
	"context"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"jobgraph/graph/errcode"
	"jobgraph/internal/budget"
)

// Documents checks documents and keeps those that passed. It is an extension and the query cache of
// gqlgen's executor: install it with Use and with SetQueryCache, after all extensions that set the
// query's text.
type Documents struct {
	limits        Limits
	introspection bool
	schema        *ast.Schema

	mu      sync.Mutex
	kept    *simplelru.LRU[string, *document]
	bytes   int
	derived int // values derived from the cached documents
}

// document is a document that passed.
type document struct {
	query      *ast.QueryDocument
	operations map[string]operation // by name
	deferred   map[ast.Selection]*ast.Directive
	values     int // in derived that count; guarded as bytes is
	// bytes is the memory of the tree and of the values derived from it. It is guarded by
	// Documents.mu once the document is kept.
	bytes int

	deriving sync.Mutex
	derived  map[string]any
}

// operation is one of a document's operations.
type operation struct {
	*ast.OperationDefinition
	complexity int
	varies     bool // complexity depends on the variables
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.Cache[*ast.QueryDocument]
} = (*Documents)(nil)

// NewDocuments makes an empty cache. Without introspection, introspection queries are refused, and
// no error has a name of the schema that the client did not send.
func NewDocuments(l Limits, introspection bool) *Documents {
	d := &Documents{limits: l, introspection: introspection}
	if l.CachedDocuments > 0 {
		// The size is positive, so this cannot fail.
		d.kept, _ = simplelru.NewLRU(l.CachedDocuments, func(_ string, dropped *document) {
			d.bytes -= dropped.bytes
			d.derived -= dropped.values
		})
	}
	return d
}

// ExtensionName is the extension's name for gqlgen.
func (d *Documents) ExtensionName() string { return "Limits" }

// Validate sets the schema that documents are checked against.
func (d *Documents) Validate(es graphql.ExecutableSchema) error {
	d.schema = es.Schema()
	return nil
}

// MutateOperationParameters checks the request's document, variables and complexity. Where several
// errors are found, the first is returned and [Errors] has them all.
func (d *Documents) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	doc, errs := d.document(ctx, request.Query)
	if len(errs) > 0 {
		return joined(errs)
	}
	op, ok := doc.operations[request.OperationName]
	if !ok {
		return unknownOperation(doc, request.OperationName)
	}
	if err := checkVariables(d.schema, op.OperationDefinition, request.Variables); err != nil {
		return err
	}
	if err := d.checkComplexity(doc, op, request.Variables); err != nil {
		return err
	}
	graphql.GetOperationContext(ctx).Doc = doc.query
	return nil
}

// Size is the number of cached documents, of the values derived from them, and the bytes of both.
type Size struct{ Documents, Derived, Bytes int }

// Size returns the current size of the cache.
func (d *Documents) Size() Size {
	if d.kept == nil {
		return Size{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return Size{Documents: d.kept.Len(), Derived: d.derived, Bytes: d.bytes}
}

// Get returns the document that MutateOperationParameters checked for the same request, even if it
// is not cached.
func (d *Documents) Get(ctx context.Context, query string) (*ast.QueryDocument, bool) {
	if !graphql.HasOperationContext(ctx) {
		return nil, false
	}
	doc := graphql.GetOperationContext(ctx).Doc
	return doc, doc != nil
}

// Add does nothing: a document that the executor parsed itself was not checked.
func (d *Documents) Add(context.Context, string, *ast.QueryDocument) {}

// Errors holds every error of a refused request.
func Errors(list gqlerror.List) gqlerror.List {
	if len(list) == 1 {
		if all, ok := list[0].Err.(gqlerror.List); ok {
			return all
		}
	}
	return list
}

func joined(errs gqlerror.List) *gqlerror.Error {
	if len(errs) == 1 {
		return errs[0]
	}
	first := *errs[0]
	first.Err = errs
	return &first
}

func unknownOperation(doc *document, name string) *gqlerror.Error {
	message := fmt.Sprintf("the document has no operation named %q", clip(name))
	if name == "" {
		message = "operationName must say which of the document's operations to execute"
	}
	return withCode(&gqlerror.Error{Message: message}, errcode.UnknownOperation)
}

func (d *Documents) checkComplexity(doc *document, op operation, variables map[string]any) *gqlerror.Error {
	value := op.complexity
	if op.varies {
		c := complexity{op: op.OperationDefinition, variables: variables}
		value = c.operation()
	}
	if !past(value, d.limits.Complexity) {
		return nil
	}
	err := exceeded("complexity", "", d.limits.Complexity)
	err.Message = fmt.Sprintf("the operation may answer %d values: %d at most; ask for smaller pages or fewer fields",
		value, d.limits.Complexity)
	return err
}

// Check checks a document as one that a request sends, and keeps it.
func (d *Documents) Check(text string) (*ast.QueryDocument, error) {
	doc, errs := d.document(context.Background(), text) // documents of the operator, which count against no request
	if len(errs) > 0 {
		return nil, errs
	}
	return doc.query, nil
}

// document returns the checked document of a text, from the cache or newly parsed.
func (d *Documents) document(ctx context.Context, text string) (*document, gqlerror.List) {
	if doc := d.lookup(text); doc != nil {
		return doc, nil
	}
	if err := budget.Grow(ctx, int64(len(text)*treeFactor)); err != nil {
		return nil, gqlerror.List{withCode(&gqlerror.Error{Message: err.Error()}, errcode.ServerOverloaded)}
	}
	query, deferred, errs := d.check(text)
	if len(errs) > 0 {
		return nil, errs
	}
	doc := &document{
		query:      query,
		deferred:   deferred,
		operations: make(map[string]operation, len(query.Operations)+1),
		bytes:      len(text) * treeFactor,
	}
	for _, op := range query.Operations {
		c := complexity{op: op}
		value := c.operation()
		doc.operations[op.Name] = operation{OperationDefinition: op, complexity: value, varies: c.varies}
	}
	if len(query.Operations) == 1 {
		doc.operations[""] = doc.operations[query.Operations[0].Name]
	}
	d.keep(text, doc)
	return doc, nil
}

// check parses and validates, each step bounded by the one before.
func (d *Documents) check(text string) (*ast.QueryDocument, map[ast.Selection]*ast.Directive, gqlerror.List) {
	if past(len(text), d.limits.QueryBytes) {
		return nil, nil, gqlerror.List{exceeded("query-bytes", "many bytes", d.limits.QueryBytes)}
	}
	query, err := parse(text, d.limits.Tokens)
	if err != nil {
		return nil, nil, gqlerror.List{err}
	}
	if err := checkStructure(query, d.limits); err != nil {
		return nil, nil, gqlerror.List{err}
	}
	if errs := validate(d.schema, query, text, d.introspection, d.limits.Errors); len(errs) > 0 {
		return nil, nil, errs
	}
	if err := checkMerging(d.schema, query, mergeFactor*d.limits.Fields); err != nil {
		return nil, nil, gqlerror.List{err}
	}
	deferred, errs := undefer(query)
	return query, deferred, errs
}

// treeFactor is the memory of a document's tree, measured, for each byte of its text.
const treeFactor = 50

// mergeFactor is how often the merging may visit each field: twice, and more for objects of one
// interface with separate selections.
const mergeFactor = 8

func parse(text string, tokens int) (*ast.QueryDocument, *gqlerror.Error) {
	query, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, tokens)
	if err != nil {
		e, ok := err.(*gqlerror.Error)
		if !ok {
			return nil, withCode(&gqlerror.Error{Message: "the document cannot be parsed"}, errcode.ParseFailed)
		}
		if e.Locations == nil { // the library's error past the limit is the only one without a place
			return nil, exceeded("tokens", "many tokens", tokens)
		}
		e.Message = clip(e.Message)
		return nil, withCode(e, errcode.ParseFailed)
	}
	if len(query.Operations) == 0 {
		return nil, withCode(&gqlerror.Error{Message: "the document has no operation"}, errcode.ValidationFailed)
	}
	return query, nil
}

func (d *Documents) lookup(text string) *document {
	if d.kept == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	doc, _ := d.kept.Get(text)
	return doc
}

func (d *Documents) keep(text string, doc *document) {
	if d.kept == nil || past(doc.bytes, d.limits.CachedBytes) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, raced := d.kept.Peek(text); raced {
		return
	}
	d.bytes += doc.bytes
	d.kept.Add(text, doc)
	d.evict()
}

// evict drops the documents used least recently until the rest are within the bound. d.mu is held.
func (d *Documents) evict() {
	for past(d.bytes, d.limits.CachedBytes) {
		d.kept.RemoveOldest()
	}
}

package limits

import "github.com/99designs/gqlgen/graphql"

// Derived returns a value made from the operation's document, such as a compiled plan. It is made
// at its first use and kept as long as the document is cached: its bytes count as the document's,
// under the same bound, and both are evicted together. Nothing is kept for a document that is not
// cached, nor is a value that alone exceeds the bound. make is not called concurrently for one
// document.
func (d *Documents) Derived(op *graphql.OperationContext, key string, make func() (value any, bytes int)) any {
	doc := d.lookup(op.RawQuery)
	if doc == nil || doc.query != op.Doc {
		value, _ := make()
		return value
	}
	doc.deriving.Lock()
	defer doc.deriving.Unlock()
	if value, ok := doc.derived[key]; ok {
		return value
	}
	value, bytes := make()
	bytes += len(key) + derivedEntry
	if past(bytes, d.limits.CachedBytes) {
		return value
	}
	if doc.derived == nil {
		doc.derived = map[string]any{}
	}
	doc.derived[key] = value
	d.grow(op.RawQuery, doc, bytes)
	return value
}

// derivedEntry is the approximate memory of an entry in a document's map.
const derivedEntry = 64

// grow adds to the bytes of a document, if it is still cached.
func (d *Documents) grow(text string, doc *document, bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cached, ok := d.kept.Peek(text); !ok || cached != doc {
		return
	}
	doc.bytes += bytes
	d.bytes += bytes
	doc.values++
	d.derived++
	d.evict()
}

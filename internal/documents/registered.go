package documents

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// registered are documents that clients have sent with their hash: those used last, within a bound.
// What is not among them is looked for where the other replicas keep theirs.
type registered struct {
	limit  int
	shared Shared // nil if this replica is alone

	mu    sync.Mutex
	kept  *simplelru.LRU[string, string]
	bytes int
}

// entryBytes is about what a document takes beside its text.
const entryBytes = 256

func newRegistered(limit int, shared Shared) *registered {
	r := &registered{limit: limit, shared: shared}
	r.kept, _ = simplelru.NewLRU(limit/entryBytes+1, func(_, text string) { r.bytes -= len(text) + entryBytes })
	return r
}

// find returns the document with a hash.
func (r *registered) find(ctx context.Context, hash string) (text string, found bool) {
	r.mu.Lock()
	text, found = r.kept.Get(hash)
	r.mu.Unlock()
	if found || r.shared == nil || r.limit == 0 || !isDigest(hash) {
		return text, found
	}
	text, found = r.shared.FindDocument(ctx, hash, r.limit)
	if !found || digest(text) != hash {
		return "", false
	}
	r.keep(hash, text)
	return text, true
}

// add keeps a document, and passes it to the other replicas if it is new here.
func (r *registered) add(ctx context.Context, hash, text string) {
	if r.keep(hash, text) && r.shared != nil {
		r.shared.AddDocument(ctx, hash, text, r.limit)
	}
}

// keep reports whether a document is new and was kept.
func (r *registered) keep(hash, text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := len(text) + entryBytes
	if size > r.limit || r.kept.Contains(hash) {
		return false
	}
	for r.bytes+size > r.limit {
		r.kept.RemoveOldest()
	}
	r.bytes += size
	r.kept.Add(hash, text)
	return true
}

func (r *registered) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

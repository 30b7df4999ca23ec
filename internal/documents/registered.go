package documents

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// registered are documents that clients have sent with their hash: those used last, within a bound.
type registered struct {
	limit int

	mu    sync.Mutex
	kept  *simplelru.LRU[string, string]
	bytes int
}

// entryBytes is about what a document takes beside its text.
const entryBytes = 256

func newRegistered(limit int) *registered {
	r := &registered{limit: limit}
	r.kept, _ = simplelru.NewLRU(limit/entryBytes+1, func(_, text string) { r.bytes -= len(text) + entryBytes })
	return r
}

func (r *registered) find(hash string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept.Get(hash)
}

func (r *registered) add(hash, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := len(text) + entryBytes
	if size > r.limit || r.kept.Contains(hash) {
		return
	}
	for r.bytes+size > r.limit {
		r.kept.RemoveOldest()
	}
	r.bytes += size
	r.kept.Add(hash, text)
}

func (r *registered) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

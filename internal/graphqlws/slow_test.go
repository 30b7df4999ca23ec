package graphqlws

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// burst is a stream of equal responses.
type burst struct {
	response *graphql.Response
	ready    func()
	closed   func()

	mu   sync.Mutex
	left int
}

func (b *burst) Take() (response *graphql.Response, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return nil, true
	}
	b.left--
	b.ready()
	return b.response, b.left == 0
}

func (b *burst) Close() { b.closed() }

// Clients that do not read are cut off after the time for one write. Meanwhile they hold up nobody,
// although they are more than the writers.
func TestAClientThatDoesNotReadHoldsUpNobody(t *testing.T) {
	var slow sync.WaitGroup
	large := &graphql.Response{Data: json.RawMessage(`"` + strings.Repeat("x", 1<<20) + `"`)}
	f := start(t, Config{WriteTimeout: 500 * time.Millisecond, Subscribe: func(ctx context.Context, ready func()) Stream {
		if graphql.GetOperationContext(ctx).Operation.Name == "Quick" {
			return &burst{response: tick(1), ready: ready, closed: func() {}, left: 3}
		}
		return &burst{response: large, ready: ready, closed: sync.OnceFunc(slow.Done), left: 64}
	}})
	for range 2*runtime.GOMAXPROCS(0) + 1 {
		slow.Add(1)
		f.ready().subscribe("slow")
	}
	quick := f.ready()
	quick.send(`{"type":"subscribe","id":"a","payload":{"query":"subscription Quick{tick}"}}`)
	for range 3 {
		quick.expect(`{"type":"next","id":"a","payload":{"data":{"tick":1}}}`)
	}
	quick.expect(`{"type":"complete","id":"a"}`)
	slow.Wait()
}

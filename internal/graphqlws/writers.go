package graphqlws

import (
	"runtime"
	"sync"
)

// writers send the responses of connections whose operations have some. They never wait for a
// client, and are therefore as few goroutines as can run at the same time, whatever the number of
// connections. They exist only while there is something to send.
type writers struct {
	mu      sync.Mutex
	queue   []*conn
	running int
}

// add has a connection's responses sent.
func (w *writers) add(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, c)
	if w.running < runtime.GOMAXPROCS(0) {
		w.running++
		go w.work()
	}
}

// work sends until nothing is queued.
func (w *writers) work() {
	for batch := w.take(); batch != nil; batch = w.take() {
		for _, c := range batch {
			c.send()
		}
	}
}

// fairShare is how many connections a writer takes at a time.
const fairShare = 16

// take returns the connections that are next; nil if there are none, and the writer ends.
func (w *writers) take() []*conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(len(w.queue), fairShare)
	if n == 0 {
		w.queue = nil
		w.running--
		return nil
	}
	batch := w.queue[:n:n]
	w.queue = w.queue[n:]
	return batch
}

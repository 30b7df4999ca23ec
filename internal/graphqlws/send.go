package graphqlws

import (
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// frame writes one frame, and waits for the client. An error means that the connection has ended.
func (c *conn) frame(kind int, data []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	timeout := c.server.config.WriteTimeout
	if timeout > 0 {
		_ = c.socket.SetWriteDeadline(time.Now().Add(timeout)) // the system's clock counts for a socket
	}
	err := c.socket.WriteMessage(kind, data)
	if timeout > 0 {
		_ = c.batch.SetWriteDeadline(time.Time{}) // of the socket: a batch has its own
	}
	if err != nil {
		_ = c.socket.Close() // the reader ends with it
	}
	return err
}

// notify queues a stream that may have a response.
func (o *operation) notify() {
	if c := o.conn; c.enqueue(o) {
		c.server.writers.add(c)
	}
}

// enqueue adds a stream to those that may have a response; it reports whether the connection needs
// a writer.
func (c *conn) enqueue(o *operation) bool {
	c.queue.Lock()
	defer c.queue.Unlock()
	if o.queued {
		return false
	}
	o.queued = true
	c.ready = append(c.ready, o)
	first := !c.queued
	c.queued = true
	return first
}

// dequeue returns the next stream that may have a response; nil if there is none.
func (c *conn) dequeue() *operation {
	c.queue.Lock()
	defer c.queue.Unlock()
	if len(c.ready) == 0 {
		return nil
	}
	o := c.ready[0]
	c.ready = append(c.ready[:0], c.ready[1:]...)
	o.queued = false
	return o
}

// rest ends the writer's work, unless more has been queued.
func (c *conn) rest() bool {
	c.queue.Lock()
	defer c.queue.Unlock()
	c.queued = len(c.ready) > 0
	return !c.queued
}

// send sends the responses of the connection's streams. It does not wait: if the client has no room
// for them, or another message is being written, a goroutine of the connection's own goes on.
func (c *conn) send() {
	if c.writing.TryLock() {
		c.flush(false)
		return
	}
	go func() {
		c.writing.Lock()
		c.flush(true)
	}()
}

// flush sends what there is, with writing locked, and unlocks it.
func (c *conn) flush(wait bool) {
	c.batch.begin()
	for {
		c.fill()
		if c.batch.size() == 0 && len(c.ending) == 0 {
			if c.rest() {
				c.batch.end()
				c.writing.Unlock()
				return
			}
			continue
		}
		sent, err := c.batch.flushNow()
		if !sent && err == nil {
			if !wait {
				go c.flush(true)
				return
			}
			err = c.batch.flush()
		}
		c.settle()
		if err != nil {
			c.writing.Unlock()
			_ = c.socket.Close() // the reader ends with it
			return               // still queued: nothing more is sent
		}
	}
}

// fill moves responses into the batch, until it is full.
func (c *conn) fill() {
	for c.batch.size() < batchBytes {
		o := c.dequeue()
		if o == nil {
			return
		}
		o.take()
	}
}

// settle ends the streams whose last message has been sent.
func (c *conn) settle() {
	for _, o := range c.ending {
		o.end()
	}
	c.ending = nil
}

// take moves the next response of a stream into the batch.
func (o *operation) take() {
	stream := o.current()
	if stream == nil {
		return
	}
	c := o.conn
	defer func() {
		if cause := recover(); cause != nil {
			o.finish(o.recovered(cause))
			go c.close(closeInternal, "Internal server error")
		}
	}()
	response, over := stream.Take()
	var failed gqlerror.List
	switch {
	case response == nil:
	case response.Data == nil && len(response.Errors) > 0:
		failed, over = response.Errors, true
	default:
		c.keep(func(b []byte) []byte { return appendNext(b, o.id, response) })
	}
	if response != nil {
		o.recorded.Fail(response.Errors)
	}
	if over {
		o.finish(failed)
	}
}

// finish adds the last message of a stream to the batch.
func (o *operation) finish(failed gqlerror.List) {
	c := o.conn
	c.ending = append(c.ending, o)
	if !o.release() {
		return
	}
	switch {
	case failed != nil: // no complete follows an error
		c.keep(func(b []byte) []byte { return appendMessage(b, typeError, o.id, encode(failed)) })
	case c.server.isDraining():
		// The stream ends because the gateway shuts down, which is no completion: the client
		// subscribes again elsewhere when the connection is closed.
	default:
		c.keep(func(b []byte) []byte { return appendMessage(b, typeComplete, o.id) })
	}
}

// keep adds a message to the batch.
func (c *conn) keep(message func([]byte) []byte) {
	scratch := buffers.Get().(*[]byte)
	*scratch = message(*scratch)
	_ = c.socket.WriteMessage(websocket.TextMessage, *scratch) // an error shows again when the batch is sent
	release(scratch)
}

// appendNext appends a response. Its data goes out as it is.
func appendNext(b []byte, id string, response *graphql.Response) []byte {
	return appendMessage(b, typeNext, id, payload(response)...)
}

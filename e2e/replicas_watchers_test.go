//go:build replicas

package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// follower is a client that connects again whenever its connection is lost.
type follower struct {
	address string // of WebSocket connections
	token   string
	query   func() string
	take    func(payload json.RawMessage) error // an event

	mu       sync.Mutex // guards what follows, and what take writes
	connects int
	done     bool  // the subscription has completed
	failed   error // it has ended in another way
}

// errAgain is the end of a subscription that is to be opened again.
var errAgain = errors.New("subscribe again")

// again is the pause before a client connects again.
const again = 100 * time.Millisecond

// run follows until the subscription completes or ctx ends.
func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.connection(ctx)
		f.mu.Lock()
		f.done = err == nil
		if rejected, ok := errors.AsType[*rejectedError](err); ok {
			f.failed = rejected
		}
		over := f.done || f.failed != nil
		f.mu.Unlock()
		if over {
			return
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
		}
	}
}

// rejectedError is the gateway's reason not to serve a subscription.
type rejectedError struct{ message string }

func (e *rejectedError) Error() string { return e.message }

// connection subscribes over one connection. It returns nil when the subscription completes.
func (f *follower) connection(ctx context.Context) error {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 5 * time.Second}
	socket, _, err := dialer.DialContext(ctx, f.address, nil)
	if err != nil {
		return err
	}
	defer socket.Close()
	defer context.AfterFunc(ctx, func() { _ = socket.Close() })()
	f.mu.Lock()
	f.connects++
	query, _ := json.Marshal(f.query())
	f.mu.Unlock()
	for _, message := range []string{
		`{"type":"connection_init","payload":{"PRIVATE-TOKEN":"` + f.token + `"}}`,
		`{"id":"1","type":"subscribe","payload":{"query":` + string(query) + `}}`,
	} {
		if err := socket.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			return err
		}
	}
	for {
		var message struct {
			Type    string
			Payload json.RawMessage
		}
		if err := socket.ReadJSON(&message); err != nil {
			return err
		}
		switch message.Type {
		case "next":
			f.mu.Lock()
			err = f.take(message.Payload)
			f.mu.Unlock()
			if err != nil {
				return err
			}
		case "error":
			if strings.Contains(string(message.Payload), `"RESUBSCRIBE"`) {
				return errAgain
			}
			return &rejectedError{string(message.Payload)}
		case "complete":
			return nil
		}
	}
}

// watcher follows the statuses of jobs.
type watcher struct {
	follower
	subscription string
	states       map[string]string // of jobs, by their global IDs
	fresh        bool              // no event has come over this connection yet
	received     int
	repeated     int // events with nothing new, not the first of their connection
	ends         bool
}

// watched is an event of any of the subscriptions to states.
type watched struct {
	Data map[string]*struct {
		ID, Status  string
		ChangedJobs []struct{ ID, Status string }
	}
	Errors json.RawMessage
}

func newWatcher(address string, i int) *watcher {
	w := &watcher{states: map[string]string{}, ends: true}
	pipeline := i / 3 % replicaPipelines
	query := &w.subscription
	switch i % 3 {
	case 0:
		*query = fmt.Sprintf(`subscription { jobUpdated(id: "gid://gitlab/Project/1/Job/%d") { id status } }`, replicaJob(pipeline, i%replicaJobs))
	case 1:
		*query = fmt.Sprintf(`subscription { pipelineUpdated(id: "gid://gitlab/Project/1/Pipeline/%d") { changedJobs { id status } } }`, pipeline+1)
	default:
		*query, w.ends = `subscription { projectJobsUpdated(id: 1) { changedJobs { id status } } }`, false
	}
	w.follower = follower{address: address, token: replicaToken(i), take: w.event, query: func() string {
		w.fresh = true
		return *query
	}}
	return w
}

func (w *watcher) event(payload json.RawMessage) error {
	var e watched
	if err := json.Unmarshal(payload, &e); err != nil || e.Errors != nil {
		return &rejectedError{fmt.Sprintf("%v: %s", err, payload)}
	}
	w.received++
	changed := false
	note := func(id, status string) {
		changed = changed || w.states[id] != status
		w.states[id] = status
	}
	for _, d := range e.Data {
		if d.ID != "" {
			note(d.ID, d.Status)
		}
		for _, job := range d.ChangedJobs {
			note(job.ID, job.Status)
		}
	}
	if !changed && !w.fresh {
		w.repeated++
	}
	w.fresh = false
	return nil
}

// behind returns a job whose status the watcher has not been told of; "" if there is none.
func (w *watcher) behind(statuses map[string]string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.states) == 0 {
		return "any"
	}
	for id, status := range w.states {
		if want := statuses[id]; want != "" && want != status {
			return id + " " + status + ", want " + want
		}
	}
	return ""
}

// logFollower writes a log at fromByte.
type logFollower struct {
	follower
	job      int
	log      []byte
	received int // bytes, those that came twice included
	complete bool
}

func newLogFollower(address string, i int) *logFollower {
	l := &logFollower{job: 901 + i%replicaLogs}
	l.follower = follower{address: address, token: replicaToken(i), take: l.chunk, query: func() string {
		return fmt.Sprintf(`subscription { jobLogAppended(id: "gid://gitlab/Project/1/Job/%d", fromByte: %d) { rawBase64 fromByte toByte complete } }`, l.job, len(l.log))
	}}
	return l
}

func (l *logFollower) chunk(payload json.RawMessage) error {
	var c logChunk
	if err := json.Unmarshal(payload, &c); err != nil {
		return &rejectedError{err.Error()}
	}
	if len(c.Errors) > 0 {
		return &rejectedError{string(payload)}
	}
	chunk := c.Data.JobLogAppended
	part, err := base64.StdEncoding.DecodeString(chunk.RawBase64)
	if err != nil || chunk.FromByte > int64(len(l.log)) || chunk.ToByte != chunk.FromByte+int64(len(part)) {
		return &rejectedError{fmt.Sprintf("%v: from %d to %d after %d bytes", err, chunk.FromByte, chunk.ToByte, len(l.log))}
	}
	l.received += len(part)
	if end := int(chunk.ToByte); end > len(l.log) {
		l.log = append(l.log, part[len(l.log)-int(chunk.FromByte):]...)
	} else if !strings.HasPrefix(string(l.log[chunk.FromByte:]), string(part)) {
		return &rejectedError{"bytes that came again are others"}
	}
	l.complete = l.complete || chunk.Complete
	return nil
}

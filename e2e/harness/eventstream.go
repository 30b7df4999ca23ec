package harness

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// StreamEvent is one event of an event stream.
type StreamEvent struct{ Kind, ID, Data string }

// EventStream is an operation over server-sent events.
type EventStream struct {
	t     testing.TB
	lines *bufio.Scanner
	// Close goes away.
	Close context.CancelFunc
}

// streamTime is how long a test waits for all events of one stream.
const streamTime = 30 * time.Second

// Subscribe sends an operation with a token, and returns the stream of its events.
func (g *Gateway) Subscribe(t testing.TB, token, query string) *EventStream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), streamTime)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.Address+"/graphql", strings.NewReader(QueryBody(query)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Private-Token": {token}}
	response, err := g.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	s := &EventStream{t: t, lines: bufio.NewScanner(response.Body), Close: cancel}
	s.lines.Buffer(nil, 1<<20)
	return s
}

// Next waits for the next event. A stream that ends without one has an event of no kind.
func (s *EventStream) Next() StreamEvent {
	var e StreamEvent
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			e.Kind = value
		case "id":
			e.ID = value
		case "data":
			e.Data += value
		case "":
			if e.Kind != "" {
				return e
			}
		}
	}
	return StreamEvent{}
}

// Expect waits for the next event and compares it.
func (s *EventStream) Expect(kind, data string) {
	s.t.Helper()
	if e := s.Next(); e.Kind != kind || e.Data != data {
		s.t.Fatalf("got %q %s\nwant %q %s", e.Kind, e.Data, kind, data)
	}
}

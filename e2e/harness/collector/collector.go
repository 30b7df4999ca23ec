// Package collector is an OpenTelemetry collector on loopback: it receives spans by OTLP over HTTP,
// and keeps them for tests to look at.
package collector

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	received "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector keeps the spans that it receives.
type Collector struct {
	*httptest.Server
	mu      sync.Mutex
	changed *sync.Cond
	spans   []Span
	raw     []byte // every request's body
	refuses int    // the status that requests are answered with; 0 accepts them
	asked   int
}

// Span is a span as it was received, with its numbers in hexadecimal.
type Span struct {
	Name, Kind           string
	Trace, ID, Parent    string
	State                string // tracestate
	Attributes, Resource map[string]string
	Events               []Event
	Links                []string // the IDs of spans
	Failed               bool
	Began                time.Time
	Took                 time.Duration
	Scope                string
}

// Event is an event of a span.
type Event struct {
	Name       string
	Attributes map[string]string
}

// Start serves a collector until the test ends.
func Start(t testing.TB) *Collector {
	c := &Collector{}
	c.changed = sync.NewCond(&c.mu)
	c.Server = httptest.NewServer(http.HandlerFunc(c.receive))
	t.Cleanup(c.Close)
	return c
}

// Refuse answers all requests with a status from now on, and keeps none of their spans.
func (c *Collector) Refuse(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = status
}

func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	spans, raw, err := read(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.changed.Broadcast()
	c.asked++
	switch {
	case c.refuses != 0:
		w.WriteHeader(c.refuses)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		c.spans, c.raw = append(c.spans, spans...), append(c.raw, raw...)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}
}

// read returns the spans of a request.
func read(r *http.Request) (spans []Span, raw []byte, err error) {
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		return nil, nil, fmt.Errorf("%s of %s", r.URL.Path, r.Header.Get("Content-Type"))
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return nil, nil, err
		}
	}
	if raw, err = io.ReadAll(body); err != nil {
		return nil, nil, err
	}
	var message received.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &message); err != nil {
		return nil, nil, err
	}
	for _, of := range message.ResourceSpans {
		for _, in := range of.ScopeSpans {
			for _, s := range in.Spans {
				span := spanOf(s)
				span.Resource, span.Scope = attributes(of.Resource.GetAttributes()), in.Scope.GetName()
				spans = append(spans, span)
			}
		}
	}
	return spans, raw, nil
}

func spanOf(s *traces.Span) Span {
	span := Span{
		Name: s.Name, Kind: strings.ToLower(strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_")),
		Trace: hex.EncodeToString(s.TraceId), ID: hex.EncodeToString(s.SpanId), Parent: hex.EncodeToString(s.ParentSpanId),
		State: s.TraceState, Attributes: attributes(s.Attributes),
		Failed: s.Status.GetCode() == traces.Status_STATUS_CODE_ERROR,
		Began:  time.Unix(0, int64(s.StartTimeUnixNano)), Took: time.Duration(s.EndTimeUnixNano - s.StartTimeUnixNano),
	}
	for _, e := range s.Events {
		span.Events = append(span.Events, Event{e.Name, attributes(e.Attributes)})
	}
	for _, l := range s.Links {
		span.Links = append(span.Links, hex.EncodeToString(l.SpanId))
	}
	return span
}

func attributes(list []*common.KeyValue) map[string]string {
	values := map[string]string{}
	for _, a := range list {
		values[a.Key] = text(a.Value)
	}
	return values
}

// text returns a value as text; the values of a list are joined by commas.
func text(v *common.AnyValue) string {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *common.AnyValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	case *common.AnyValue_ArrayValue:
		var all []string
		for _, one := range v.ArrayValue.GetValues() {
			all = append(all, text(one))
		}
		return strings.Join(all, ",")
	}
	return fmt.Sprint(v)
}

// Spans returns the spans so far, in the order in which they began.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sorted()
}

func (c *Collector) sorted() []Span {
	spans := slices.Clone(c.spans)
	slices.SortStableFunc(spans, func(a, b Span) int { return a.Began.Compare(b.Began) })
	return spans
}

// Raw returns all that was received, as it came.
func (c *Collector) Raw() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.raw)
}

// Await returns the spans once there are some that satisfy enough. It fails the test if they do not
// come in time.
func (c *Collector) Await(t testing.TB, patience time.Duration, what string, enough func([]Span) bool) []Span {
	t.Helper()
	return c.await(t, patience, what, func() bool { return enough(c.sorted()) })
}

// AwaitRequest waits until spans were sent at all, accepted or not.
func (c *Collector) AwaitRequest(t testing.TB, patience time.Duration) {
	t.Helper()
	c.await(t, patience, "a request", func() bool { return c.asked > 0 })
}

func (c *Collector) await(t testing.TB, patience time.Duration, what string, enough func() bool) []Span {
	t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		late = true
		c.changed.Broadcast()
	})
	defer timer.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !enough() {
		if late {
			t.Fatalf("waited too long for %s; the spans are %+v", what, c.sorted())
		}
		c.changed.Wait()
	}
	return c.sorted()
}

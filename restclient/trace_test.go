package restclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestATraceIsStreamedAsItIs(t *testing.T) {
	log := "\x1b[0Ksection_start:1:x\r\xff\xfe\x00 half a character \xc3"
	var uri atomic.Value
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		uri.Store(r.RequestURI)
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(log))
	}, func(cfg *Config) { cfg.MaxBody = 1 })
	cases := []struct {
		span TraceRange
		want string
	}{
		{TraceRange{}, "/api/v4/projects/a%2Fb/jobs/8/trace"},
		{TraceRange{Offset: 5}, "/api/v4/projects/a%2Fb/jobs/8/trace?byte_offset=5"},
		{TraceRange{Offset: 5, Limit: MaxTraceLimit}, "/api/v4/projects/a%2Fb/jobs/8/trace?byte_offset=5&byte_limit=512000"},
	}
	for _, c := range cases {
		stream, err := client.Trace(t.Context(), token, "a/b", 8, c.span)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(stream)
		if err != nil || string(body) != log || uri.Load() != c.want {
			t.Errorf("%q, %v from %s, want %s", body, err, uri.Load(), c.want)
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestATraceOutOfRangeIsRefused(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for _, span := range []TraceRange{{Offset: -1}, {Limit: -1}, {Limit: MaxTraceLimit + 1}} {
		_, err := client.Trace(t.Context(), token, "1", 8, span)
		if _, ok := errors.AsType[*ArgumentError](err); !ok {
			t.Errorf("%+v: %v", span, err)
		}
	}
	if _, err := client.Trace(t.Context(), token, "..", 8, TraceRange{}); err == nil {
		t.Error("a bad project was not refused")
	}
}

func TestATraceFailsAsAReadDoes(t *testing.T) {
	var calls atomic.Int32
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			answer(w, 503, "")
			return
		}
		answer(w, 403, `{"message":"403 Forbidden"}`)
	})
	_, err := client.Trace(t.Context(), token, "1", 8, TraceRange{})
	if status, ok := errors.AsType[*Error](err); !ok || status.Status != 403 || calls.Load() != 2 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestATraceThatIsAPageIsRefused(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<html>"))
	})
	_, err := client.Trace(t.Context(), token, "1", 8, TraceRange{})
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != InvalidContentType {
		t.Error(err)
	}
}

func TestABrokenTraceSaysHow(t *testing.T) {
	begin := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
	}
	hang := func(w http.ResponseWriter, r *http.Request) { begin(w); <-r.Context().Done() }
	// The first bytes are read in peace; what comes after them is returned.
	next := func(t *testing.T, ctx context.Context, handler http.HandlerFunc, then func()) error {
		client := newClient(t, handler, func(cfg *Config) { cfg.Timeout = 500 * time.Millisecond })
		stream, err := client.Trace(ctx, token, "1", 8, TraceRange{})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if _, err := io.ReadFull(stream, make([]byte, len("first"))); err != nil {
			t.Fatal(err)
		}
		then()
		_, err = stream.Read(make([]byte, 1))
		return err
	}
	t.Run("truncated", func(t *testing.T) {
		err := next(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) { begin(w) }, func() {})
		if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != Truncated {
			t.Error(err)
		}
	})
	t.Run("stalled", func(t *testing.T) { wantTransport(t, next(t, t.Context(), hang, func() {}), Timeout) })
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		wantTransport(t, next(t, ctx, hang, cancel), Canceled)
	})
}

func TestClosingATraceEndsItsCall(t *testing.T) {
	ended := make(chan struct{})
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("line\n", 1000))); err != nil {
				return
			}
		}
	})
	stream, err := client.Trace(t.Context(), token, "1", 8, TraceRange{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stream, make([]byte, 10)); err != nil {
		t.Error(err)
	}
	_ = stream.Close()
	<-ended
}

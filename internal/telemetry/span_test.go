package telemetry_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"jobgraph/internal/telemetry"
	"jobgraph/restclient"
)

// counts is a sink that does nothing.
type counts struct{}

func (counts) CallBegan()                                    {}
func (counts) Exchanged(string, string, restclient.Exchange) {}
func (counts) CallEnded(bool, error)                         {}

// operate records an operation that makes one call.
func operate(r *telemetry.Recorder, tracer trace.Tracer, name string, header http.Header) http.Header {
	ctx, o := r.Begin(context.Background(), telemetry.HTTP, header)
	o.Describe(&ast.OperationDefinition{Name: name, Operation: ast.Query})
	call := telemetry.Upstream{Sink: counts{}, Tracer: tracer}.Begin(ctx, http.MethodGet, "/projects/:id/jobs")
	sent := http.Header{}
	call.Propagate(sent)
	call.Sent(restclient.Exchange{Attempt: 1, Status: http.StatusOK})
	call.End(nil)
	o.End()
	return sent
}

func recorder(t *testing.T) (*telemetry.Recorder, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return &telemetry.Recorder{Now: time.Now, Tracer: provider.Tracer("test")}, spans
}

func TestNamesOfSpansAreBounded(t *testing.T) {
	r, spans := recorder(t)
	for i := range 250 {
		operate(r, nil, fmt.Sprint("Name", i), nil)
	}
	operate(r, nil, strings.Repeat("x", 10_000), nil)
	operate(r, nil, "", nil)
	names := map[string]bool{}
	for _, s := range spans.Ended() {
		names[s.Name()] = true
		for _, a := range s.Attributes() {
			if len(a.Value.String()) > 100 {
				t.Errorf("%s has %d bytes", a.Key, len(a.Value.String()))
			}
		}
	}
	if len(names) != 202 || !names["query Name0"] || !names["query other"] || !names["query"] {
		t.Errorf("%d names: %v", len(names), names)
	}
}

func TestATraceStateOfAClientIsBounded(t *testing.T) {
	r, _ := recorder(t)
	for length, passed := range map[int]bool{200: true, 10_000: false} {
		var members []string
		for i := range length / 100 {
			members = append(members, fmt.Sprintf("v%d=%s", i, strings.Repeat("x", 94)))
		}
		header := http.Header{
			"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
			"Tracestate":  {strings.Join(members[:min(len(members), 32)], ",")},
		}
		sent := operate(r, r.Tracer, "Q", header)
		if !strings.Contains(sent.Get("Traceparent"), "0af7651916cd43dd8448eb211c80319c") || (sent.Get("Tracestate") != "") != passed {
			t.Errorf("%d bytes: GitLab would be sent %v", length, sent)
		}
	}
}

func TestWhatIsNoTraceparentIsIgnored(t *testing.T) {
	r, _ := recorder(t)
	const valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	upper := strings.Replace(valid, "0af", "0AF", 1)
	for _, values := range [][]string{{""}, {"x"}, {valid, valid}, {upper}, {valid[:len(valid)-3]}} {
		sent := operate(r, r.Tracer, "Q", http.Header{"Traceparent": values})
		if got := sent.Get("Traceparent"); len(got) != len(valid) || strings.Contains(strings.ToLower(got), "0af7651916cd43dd8448eb211c80319c") {
			t.Errorf("%q became %q", values, got)
		}
	}
}

// untraced is how often an operation with a call allocates where there are no traces: for itself,
// its request ID, the ID's context (two), and the call.
const untraced = 5

func TestTracesThatAreOffCostNothing(t *testing.T) {
	r := &telemetry.Recorder{Now: time.Now}
	header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
	op := &ast.OperationDefinition{Name: "Q", Operation: ast.Query}
	upstream := telemetry.Upstream{Sink: counts{}}
	got := testing.AllocsPerRun(1000, func() {
		ctx, o := r.Begin(context.Background(), telemetry.HTTP, header)
		o.Describe(op)
		call := upstream.Begin(ctx, http.MethodGet, "/job")
		call.Propagate(nil)
		call.End(nil)
		o.End()
	})
	if got > untraced {
		t.Errorf("%g allocations, want %d at most", got, untraced)
	}
}

// BenchmarkOperation is what an operation with one call costs, with and without spans.
func BenchmarkOperation(b *testing.B) {
	provider := sdk.NewTracerProvider()
	for name, tracer := range map[string]trace.Tracer{"off": nil, "on": provider.Tracer("bench")} {
		b.Run(name, func(b *testing.B) {
			r := &telemetry.Recorder{Now: time.Now, Tracer: tracer}
			b.ReportAllocs()
			for b.Loop() {
				operate(r, tracer, "Q", nil)
			}
		})
	}
}

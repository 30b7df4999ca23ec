// Package tracing sends spans to an OpenTelemetry collector, by OTLP over HTTP.
//
// OpenTelemetry's standard environment variables configure it, and nothing else. It is off unless
// one of them names an exporter or an endpoint. The SDK reads most of them itself, from the
// process's environment: endpoint, headers and certificates (OTEL_EXPORTER_OTLP_…), sampler
// (OTEL_TRACES_SAMPLER), queue (OTEL_BSP_…) and resource (OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES).
//
// A request never waits for the collector: spans that do not fit into the bounded queue are
// dropped.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"
)

// scope is the name of the instrumentation, and of the service where the environment has none.
const scope = "jobgraph"

// flushTime is how long Close waits for the collector.
const flushTime = 5 * time.Second

// Traces are the spans of one process. Nil records none.
type Traces struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// Open begins to send spans if the environment asks for it, and returns nil if it does not.
// Failures of the export are logged.
func Open(ctx context.Context, environ []string, version string, log *slog.Logger) (*Traces, error) {
	if wanted, err := isWanted(environ); !wanted {
		return nil, err
	}
	otel.SetErrorHandler(logTo(log))
	otel.SetLogger(logr.Discard()) // it would print values of the environment
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	of, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName(scope), semconv.ServiceVersion(version)),
		resource.WithHost(), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(of))
	return &Traces{provider, provider.Tracer(scope, trace.WithInstrumentationVersion(version))}, nil
}

// Tracer returns what makes spans, or nil.
func (t *Traces) Tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.tracer
}

// Close sends the spans that are queued, within a bounded time.
func (t *Traces) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// isWanted reports whether the environment names an exporter or an endpoint for traces. Its error
// names a value that this program does not support.
func isWanted(environ []string) (bool, error) {
	value := func(name string) (found string) {
		for _, variable := range environ {
			if v, ok := strings.CutPrefix(variable, name+"="); ok {
				found = strings.TrimSpace(v)
			}
		}
		return found
	}
	exporter := value("OTEL_TRACES_EXPORTER")
	endpoint := value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") + value("OTEL_EXPORTER_OTLP_ENDPOINT")
	switch {
	case strings.EqualFold(value("OTEL_SDK_DISABLED"), "true"), exporter == "none", exporter == "" && endpoint == "":
		return false, nil
	case exporter != "" && exporter != "otlp":
		return false, errors.New("OTEL_TRACES_EXPORTER: it is otlp or none")
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		switch value(name) {
		case "", "http/protobuf", "http/json":
		default:
			return false, fmt.Errorf("%s: it is http/protobuf or http/json", name)
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"} {
		if list := value(name); list != "" && !arePairs(list) { // which may be secret
			return false, fmt.Errorf("%s: it is a list of name=value, separated by commas", name)
		}
	}
	return true, nil
}

// arePairs reports whether a list has only name=value.
func arePairs(list string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if name, _, ok := strings.Cut(part, "="); !ok || strings.TrimSpace(name) == "" {
			return false
		}
	}
	return true
}

// maxError is the most bytes of an error that are logged. A collector's answer may be part of it.
const maxError = 500

// logEvery is the time between two lines about failures.
const logEvery = time.Minute

// logTo returns what logs the SDK's errors: a collector that is down fails every few seconds.
func logTo(log *slog.Logger) otel.ErrorHandler {
	sometimes := &rate.Sometimes{Interval: logEvery}
	return otel.ErrorHandlerFunc(func(err error) {
		sometimes.Do(func() {
			text := err.Error()
			log.Warn("tracing has failed", "error", text[:min(len(text), maxError)])
		})
	})
}

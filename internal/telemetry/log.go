package telemetry

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// LogTo returns what writes one line for each operation that has ended.
func LogTo(log *slog.Logger) Sink {
	return func(ctx context.Context, s Summary) {
		outcome := "ok"
		if len(s.Codes) > 0 {
			outcome = strings.Join(s.Codes, ",")
		}
		attrs := []slog.Attr{
			slog.String("operation", s.Name),
			slog.String("kind", string(s.Kind)),
			slog.String("transport", string(s.Transport)),
			slog.String("outcome", outcome),
			slog.Int("calls", s.Calls),
			slog.Bool("shared", s.Shared),
			slog.Duration("duration", s.Duration),
		}
		if s.Connection != "" {
			attrs = append(attrs, slog.String("connection", s.Connection))
		}
		log.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
	}
}

// LogHandler adds the trace ID of a record's context to the record.
type LogHandler struct{ slog.Handler }

// Handle adds the ID and passes the record on.
func (h LogHandler) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs returns the handler with attributes.
func (h LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return LogHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup returns the handler with a group.
func (h LogHandler) WithGroup(name string) slog.Handler { return LogHandler{h.Handler.WithGroup(name)} }

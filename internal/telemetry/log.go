package telemetry

import (
	"context"
	"log/slog"
	"strings"
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
		log.LogAttrs(ctx, slog.LevelInfo, "request", attrs...)
	}
}

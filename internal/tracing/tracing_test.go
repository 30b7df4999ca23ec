package tracing

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestOnlyTheStandardVariablesSwitchTracesOn(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318"
	for environment, want := range map[string]bool{
		"":                             false,
		endpoint:                       true,
		"OTEL_EXPORTER_OTLP_ENDPOINT=": false,
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces": true,
		"OTEL_TRACES_EXPORTER=otlp":                                           true,
		"OTEL_SERVICE_NAME=gateway OTEL_TRACES_SAMPLER=always_on":             false,
		endpoint + " OTEL_TRACES_EXPORTER=none":                               false,
		endpoint + " OTEL_SDK_DISABLED=TRUE":                                  false,
		endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=http/json":                   true,
		endpoint + " OTEL_EXPORTER_OTLP_HEADERS=authorization=secret,a=b":     true,
		endpoint + " OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_SDK_DISABLED=true": false,
	} {
		if got, err := isWanted(strings.Fields(environment)); got != want || err != nil {
			t.Errorf("%q: %t, %v", environment, got, err)
		}
	}
	for _, refused := range []string{
		"OTEL_TRACES_EXPORTER=console",
		endpoint + " OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc",
		endpoint + " OTEL_EXPORTER_OTLP_HEADERS=a=b,secret",
	} {
		if _, err := isWanted(strings.Fields(refused)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", refused, err)
		}
	}
}

func TestFailuresAreLoggedOnceAMinuteAndCut(t *testing.T) {
	var out bytes.Buffer
	handler := logTo(slog.New(slog.NewTextHandler(&out, nil)))
	for range 3 {
		handler.Handle(errors.New(strings.Repeat("x", 10_000)))
	}
	if lines := strings.Count(out.String(), "\n"); lines != 1 || out.Len() > 2*maxError {
		t.Errorf("%d lines of %d bytes", lines, out.Len())
	}
}

func TestNoTracesAreNil(t *testing.T) {
	var none *Traces
	if none.Tracer() != nil {
		t.Error("traces that are off make spans")
	}
	none.Close()
}

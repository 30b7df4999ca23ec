package requestid

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func begin(t *testing.T, sent ...string) string {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header[Header] = sent
	id := From(Begin(w, r))
	if got := w.Header().Get(Header); got != id {
		t.Errorf("the answer carries %q, the context %q", got, id)
	}
	return id
}

func TestAnIDOfTheClientIsKeptWhereItIsHarmless(t *testing.T) {
	for _, good := range []string{"a", "0f8fad5b-d9cb-469f-a165-70867728950e", "Root=1-67891233:abc/def+x=@y_z.", strings.Repeat("x", maxBytes)} {
		if got := begin(t, good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	made := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for _, bad := range [][]string{nil, {""}, {"a b"}, {"a\tb"}, {`a"b`}, {"ü"}, {"a", "b"}, {strings.Repeat("x", maxBytes+1)}} {
		if got := begin(t, bad...); !made.MatchString(got) {
			t.Errorf("%q became %q", bad, got)
		}
	}
	if first, second := New(), New(); first == second {
		t.Error("two requests have one ID")
	}
}

func TestLogLinesCarryTheID(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(LogHandler{slog.NewTextHandler(&out, nil)}).With("a", 1)
	log.InfoContext(With(t.Context(), "r-1"), "with")
	log.Info("without")
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[0], "a=1 request_id=r-1") || strings.Contains(lines[1], "request_id") {
		t.Error(out.String())
	}
}

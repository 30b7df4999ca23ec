package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jobgraph/graph/errcode"
	"jobgraph/restclient"
)

// broken is a client with a bug.
type broken struct{}

func (broken) Fetch(context.Context, restclient.Credential, string) (*restclient.Response, error) {
	panic("the secret cause")
}

func (broken) Forget() {}

// TestAPanicIsAnsweredAsAnErrorThatTellsNothingOfIt: the answer is well-formed, and the log has the
// cause.
func TestAPanicIsAnsweredAsAnErrorThatTellsNothingOfIt(t *testing.T) {
	var log bytes.Buffer
	endpoint := NewHandler(Config{Fetcher: broken{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	request := httptest.NewRequest(
		http.MethodPost,
		"/graphql",
		strings.NewReader(`{"query":"{ job(project: \"1\", id: \"2\") { name } }"}`),
	)
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, request)
	var answer struct {
		Errors []struct{ Extensions map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Errors) != 1 ||
		answer.Errors[0].Extensions["code"] != errcode.Internal {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if strings.Count(log.String(), "the secret cause") != 1 {
		t.Errorf("logged %q", log.String())
	}
}

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/graphiql"
)

// TestTheDemo starts the command with nothing configured, as a newcomer does, and does what a
// newcomer does.
func TestTheDemo(t *testing.T) {
	began := time.Now()
	g := harness.StartAlone(t)
	home := g.Get(t, "/")
	took := time.Since(began)
	t.Run("the page is there within a second", func(t *testing.T) {
		contentType := home.Header.Get("Content-Type")
		if home.Status != http.StatusOK || !strings.HasPrefix(contentType, "text/html") || !strings.Contains(home.String(), "GraphiQL") {
			t.Errorf("/ is %d, %s: %.200s", home.Status, contentType, home)
		}
		if took > time.Second && !harness.RaceDetector {
			t.Errorf("it took %v", took)
		}
	})
	t.Run("every example answers without errors", func(t *testing.T) {
		examples, err := graphiql.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			t.Run(e.Name, func(t *testing.T) { runExample(t, g, e) })
		}
	})
	t.Run("the schema is there", func(t *testing.T) {
		if sdl := g.Get(t, "/schema.graphql"); sdl.Status != http.StatusOK || !strings.Contains(sdl.String(), "type Job implements Node & Processable") {
			t.Errorf("/schema.graphql is %.200s", sdl)
		}
	})
	t.Run("the documents tell the truth", func(t *testing.T) { checkDocuments(t, g) })
}

// runExample runs an example as the page does. Its answer must have data and no errors.
func runExample(t *testing.T, g *harness.Gateway, e graphiql.Example) {
	if strings.Contains(e.Query, "\nsubscription ") {
		if event := g.Subscribe(t, "", e.Query).Next(); !strings.HasPrefix(event.Data, `{"data":{`) {
			t.Errorf("began with %+v", event)
		}
		return
	}
	headers, header := map[string]string{}, http.Header{}
	if e.Headers != "" {
		if err := json.Unmarshal([]byte(e.Headers), &headers); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range headers {
		header.Set(name, value)
	}
	answer := g.Post(t, harness.Operation{Query: e.Query, Variables: json.RawMessage(e.Variables)}, header)
	if answer.Errors != nil {
		t.Fatalf("answered %.1000s", answer)
	}
	for field, value := range harness.Decode[map[string]any](t, answer) {
		if value == nil {
			t.Errorf("%s is null", field)
		}
	}
	if body := answer.String(); strings.Contains(body, `"nodes":[]`) && !strings.Contains(body, `"nodes":[{`) {
		t.Errorf("shows nothing but empty lists: %.1000s", body)
	}
}

func TestAGitLabThatCannotBeReachedIsAnErrorThatNamesNoAddress(t *testing.T) {
	const address = "127.0.0.1:1" // a port that no server of these tests can be given
	g := harness.StartAlone(t, "-gitlab-url=http://"+address)
	body := fmt.Sprint(g.Post(t, harness.Operation{Query: `{ project(id: "1") { fullPath } __typename }`}, harness.As("any")))
	if !strings.Contains(body, `"code":"UPSTREAM_UNAVAILABLE"`) || !strings.Contains(body, `"__typename":"Query"`) || strings.Contains(body, address) {
		t.Error(body)
	}
}

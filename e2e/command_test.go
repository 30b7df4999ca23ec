package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"jobgraph/internal/graphiql"
)

// TestTheDemo starts the command with nothing configured, as a newcomer does, and does what a newcomer does.
func TestTheDemo(t *testing.T) {
	began := time.Now()
	g := &gateway{address: startCommand(t), client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(g.client.CloseIdleConnections)
	page, contentType := get(t, g, "/")
	took := time.Since(began)
	t.Run("the page is there within a second", func(t *testing.T) {
		if !strings.HasPrefix(contentType, "text/html") || !strings.Contains(page, "GraphiQL") {
			t.Errorf("/ is %s: %.200s", contentType, page)
		}
		if took > time.Second && !raceDetector {
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
		if sdl, _ := get(t, g, "/schema.graphql"); !strings.Contains(sdl, "type Job implements Node & Processable") {
			t.Errorf("/schema.graphql is %.200s", sdl)
		}
	})
	t.Run("the README tells the truth", func(t *testing.T) { checkReadme(t, g) })
}

func get(t *testing.T, g *gateway, path string) (body, contentType string) {
	t.Helper()
	response, err := g.client.Get(g.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
	return string(content), response.Header.Get("Content-Type")
}

// runExample runs an example as the page does and wants an answer that shows something.
func runExample(t *testing.T, g *gateway, e graphiql.Example) {
	headers, header := map[string]string{}, http.Header{}
	if e.Headers != "" {
		if err := json.Unmarshal([]byte(e.Headers), &headers); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range headers {
		header.Set(name, value)
	}
	body := g.post(t, operation{e.Query, json.RawMessage(e.Variables)}, header)
	var answer struct {
		Data   map[string]any
		Errors json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Errors != nil {
		t.Fatalf("answered %.1000s (%v)", body, err)
	}
	for field, value := range answer.Data {
		if value == nil {
			t.Errorf("%s is null", field)
		}
	}
	if strings.Contains(string(body), `"nodes":[]`) && !strings.Contains(string(body), `"nodes":[{`) {
		t.Errorf("shows nothing but empty lists: %.1000s", body)
	}
}

func TestAGitLabThatCannotBeReachedIsAnErrorThatNamesNoAddress(t *testing.T) {
	gone := httptest.NewServer(nil)
	address := gone.Listener.Addr().String()
	gone.Close()
	g := &gateway{address: startCommand(t, "-gitlab-url=http://"+address), client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(g.client.CloseIdleConnections)
	body := string(g.post(t, operation{Query: `{ project(id: "1") { fullPath } __typename }`}, as("any")))
	if !strings.Contains(body, `"code":"UPSTREAM_UNAVAILABLE"`) || !strings.Contains(body, `"__typename":"Query"`) || strings.Contains(body, address) {
		t.Error(body)
	}
}

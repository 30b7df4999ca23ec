package e2e

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// projectInDownstream is the number of the project in a downstream pipeline, which some releases
// leave out.
var projectInDownstream = regexp.MustCompile(`("downstream_pipeline":\{[^{}]*)"project_id":\d+,`)

// installedAt is an upstream that is installed below a path of its host, and whose downstream
// pipelines name no project.
func installedAt(path string, gitlab http.Handler) http.Handler {
	return http.StripPrefix(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := harness.Record(gitlab, r)
		body := projectInDownstream.ReplaceAll(answer.Body.Bytes(), []byte("$1"))
		body = bytes.ReplaceAll(body, []byte("http://"+r.Host+"/"), []byte("http://"+r.Host+path+"/"))
		answer.Body.Reset()
		answer.Body.Write(body)
		answer.Header().Del("Content-Length")
		harness.Replay(w, answer)
	}))
}

func TestADownstreamPipelineIsFoundByItsPathOnAnInstallationBelowAPath(t *testing.T) {
	for _, path := range []string{"", "/gitlab", "/tools/gitlab"} {
		g := harness.StartBelow(t, path, installedAt(path, harness.SmallSimulator(fakegitlab.Newest)))
		type pipeline struct {
			Jobs struct{ Nodes []struct{ Name string } }
		}
		got := harness.Ask[struct {
			Pipeline struct{ Downstream []pipeline }
		}](t, g, `{ pipeline(project: "2", id: "20") { downstream { jobs { nodes { name } } } } }`, nil)
		if d := got.Pipeline.Downstream; len(d) != 1 || len(d[0].Jobs.Nodes) != 1 || d[0].Jobs.Nodes[0].Name != "apply" {
			t.Errorf("%q: %+v", path, got)
		}
		want := func(call string) bool { return strings.Contains(call, "/projects/acme%2Finfra/pipelines/30/jobs") }
		if !slices.ContainsFunc(g.Upstream.Calls(), want) {
			t.Errorf("%q: called %q", path, g.Upstream.Calls())
		}
	}
}

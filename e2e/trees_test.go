package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// fanOut is a GitLab with one pipeline whose trigger jobs each started a pipeline of another
// project, with 20 jobs each. Its jobs are as long as GitLab's.
func fanOut(t *testing.T, triggers int) http.Handler {
	t.Helper()
	gitlab := httptest.NewServer(harness.SmallSimulator(fakegitlab.Newest))
	defer gitlab.Close()
	sample := func(path string) map[string]any {
		request, _ := http.NewRequest(http.MethodGet, gitlab.URL+"/api/v4"+path, nil)
		request.Header = harness.As(harness.MaintainerToken)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var list []map[string]any
		if err := json.NewDecoder(response.Body).Decode(&list); err != nil || len(list) == 0 {
			t.Fatal(path, err)
		}
		return list[0]
	}
	job, bridge := sample("/projects/1/pipelines/10/jobs"), sample("/projects/1/pipelines/10/trigger_jobs")
	job["commit"].(map[string]any)["message"] = strings.Repeat("A message as long as they are. ", 25)
	var bridges []map[string]any
	for i := range triggers {
		b := map[string]any{}
		for key, value := range bridge {
			b[key] = value
		}
		b["id"] = 5000 - i
		b["downstream_pipeline"] = map[string]any{"id": 900 + i, "project_id": 4, "ref": "main", "sha": "c0ffee", "status": "success"}
		bridges = append(bridges, b)
	}
	var jobs []map[string]any
	for i := range 20 {
		j := map[string]any{}
		for key, value := range job {
			j[key] = value
		}
		j["id"] = 9000 - i
		jobs = append(jobs, j)
	}
	lists := map[string][]byte{}
	lists["trigger_jobs"], _ = json.Marshal(bridges)
	lists["jobs"], _ = json.Marshal(jobs)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Total", fmt.Sprint(map[string]int{"jobs": 20, "trigger_jobs": triggers}[name]))
		w.Header().Set("Content-Length", fmt.Sprint(len(lists[name])))
		_, _ = w.Write(lists[name])
	})
}

// Many large queries at a time take little memory: what is selected of GitLab's lists is held, not
// the lists.
func TestManyTreesAtATimeStayWithinTheirMemory(t *testing.T) {
	const callers = 64
	for name, c := range map[string]struct {
		triggers int
		query    string
		peak     int64 // MB; most of the first one's are lists that are being received, 32 a request
	}{
		"downstream of 50 pipelines": {50, `{ pipeline(project: "1", id: "10") { downstream { databaseId status jobs(first: 20) { nodes { databaseId name stage status duration } } } } }`, 256},
		"by 20 trigger jobs":         {20, `{ pipeline(project: "1", id: "10") { bridges { nodes { name downstreamPipeline { databaseId jobs(first: 20) { nodes { databaseId name stage status duration } } } } } } }`, 128},
		"a pipeline's page":          {3, `{ pipeline(project: "1", id: "10") { jobCounts { status count } stages { name status jobs { databaseId name status } } } }`, 60},
	} {
		t.Run(name, func(t *testing.T) {
			if harness.RaceDetector {
				t.Skip("the race detector takes memory of its own")
			}
			g, p := harness.StartApart(t, fanOut(t, c.triggers))
			var group sync.WaitGroup
			for caller := range callers {
				group.Go(func() {
					for range 3 {
						answer := g.Post(t, harness.Operation{Query: c.query}, harness.As(fmt.Sprint("caller-", caller)))
						if len(answer.Errors) > 0 {
							t.Errorf("%.300s", answer)
						}
					}
				})
			}
			group.Wait()
			peak := peakOf(t, p)
			t.Logf("%d at a time: %d MB", callers, peak)
			if peak > c.peak {
				t.Errorf("the process took %d MB, want %d at most", peak, c.peak)
			}
		})
	}
}

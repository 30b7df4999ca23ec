package fakegitlab

import (
	"embed"
	"net/http"
	"strings"
)

// sampleFiles are the examples of GitLab's documentation of the Jobs API, byte for byte except for
// one trailing comma. The project and the pipeline have no example there and are made up to match.
//
//go:embed testdata/samples/*.json
var sampleFiles embed.FS

// sampleLog is the log of job 8.
const sampleLog = "\x1b[0KRunning with gitlab-runner 16.11.1 (535ced5f)\x1b[0;m\n\x1b[32;1m$ bundle exec rubocop\x1b[0;m\nInspecting 214 files\n\x1b[31;1mERROR: Job failed: exit code 1\n\x1b[0;m"

// Samples returns a handler that answers with the JSON examples of GitLab's Jobs API page, for any
// credential: project 1 with pipeline 6, jobs 6, 7 and 8, and the writes to job 1. It also serves
// GET /projects/1 and its pipeline 6, and answers 404 to everything else. The page is older than
// trigger_jobs, which is an unknown route.
func Samples() http.Handler {
	mux := http.NewServeMux()
	for pattern, file := range map[string]string{
		"GET /api/v4/projects/1":                     "project",
		"GET /api/v4/projects/1/jobs":                "project_jobs",
		"GET /api/v4/projects/1/pipelines/6":         "pipeline",
		"GET /api/v4/projects/1/pipelines/6/jobs":    "pipeline_jobs",
		"GET /api/v4/projects/1/pipelines/6/bridges": "pipeline_bridges",
		"GET /api/v4/projects/1/jobs/8":              "job",
		"GET /api/v4/job":                            "own_job",
		"GET /api/v4/job/allowed_agents":             "allowed_agents",
		"POST /api/v4/projects/1/jobs/1/cancel":      "cancel",
		"POST /api/v4/projects/1/jobs/1/retry":       "retry",
		"POST /api/v4/projects/1/jobs/1/erase":       "erase",
		"POST /api/v4/projects/1/jobs/1/play":        "play",
	} {
		mux.HandleFunc(pattern, serveSample(pattern, file))
	}
	mux.HandleFunc("GET /api/v4/projects/1/jobs/8/trace", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(sampleLog))
	})
	mux.HandleFunc("GET /api/v4/projects/1/pipelines/6/trigger_jobs", func(w http.ResponseWriter, _ *http.Request) {
		withError(http.StatusNotFound, "404 Not Found").answer().write(w)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { recordNotFound().answer().write(w) })
	return mux
}

// serveSample returns the handler of one example, with the status that GitLab sends for the call.
func serveSample(pattern, file string) http.HandlerFunc {
	status := http.StatusOK
	if strings.HasPrefix(pattern, "POST") && file != "play" {
		status = http.StatusCreated
	}
	body, err := sampleFiles.ReadFile("testdata/samples/" + file + ".json")
	if err != nil {
		panic(err) // the file is embedded
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

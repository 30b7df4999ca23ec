package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// worker is one caller of the soak.
type worker struct {
	*soak
	t        *testing.T
	pipeline int
	header   http.Header
	random   *rand.Rand
}

// soakJob is a job as the upstream answers it, or as the gateway does.
type soakJob struct {
	ID         int64
	DatabaseID int64
	Status     string
}

func (j soakJob) String() string {
	return fmt.Sprintf("%d %s", max(j.ID, j.DatabaseID), strings.ToLower(j.Status))
}

func (w *worker) step() {
	switch n := w.random.IntN(100); {
	case n < 20:
		w.write()
	case n < 30:
		// Another worker's, so that equal reads are in flight while that worker writes.
		w.read(1+w.random.IntN(soakWorkers), false)
	default:
		w.read(w.pipeline, true)
	}
}

// really asks the upstream itself for a pipeline's jobs.
func (w *worker) really(pipeline int) []soakJob {
	r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/api/v4/projects/acme%%2Fsoak/pipelines/%d/jobs?per_page=100", pipeline), nil)
	r.Header = w.header.Clone()
	answer := httptest.NewRecorder()
	w.gitlab.ServeHTTP(answer, r)
	var jobs []soakJob
	if err := json.Unmarshal(answer.Body.Bytes(), &jobs); err != nil {
		w.t.Errorf("%v: %d %s", err, answer.Code, answer.Body)
	}
	return jobs
}

// soakAnswer is the answer to any query of the soak.
type soakAnswer struct {
	Data struct {
		Own *struct {
			DatabaseID int64
			Status     string
			Jobs       *struct{ Nodes []soakJob }
			Stages     []struct{ Jobs []soakJob }
		}
		Still *struct {
			Jobs   *struct{ Nodes []soakJob }
			Stages []struct{ Jobs []soakJob }
		}
		Wrote *struct {
			Job        *soakJob
			UserErrors []struct{ Code, Message string }
		}
	}
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
}

// faultCodes are the codes that an error of the soak may have; what the upstream never answers of
// itself is a fault too.
var faultCodes = []string{"UPSTREAM_UNAVAILABLE", "UPSTREAM_TIMEOUT", "UPSTREAM_INVALID", "RATE_LIMITED", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "OUTCOME_UNKNOWN"}

func (w *worker) ask(query string, id string) (answer soakAnswer, body []byte) {
	body = w.Post(w.t, harness.Operation{Query: query, Variables: json.RawMessage(`{"id":"` + id + `"}`)}, w.header).Body
	if err := json.Unmarshal(body, &answer); err != nil {
		w.t.Errorf("%v: %s", err, body)
	}
	for _, e := range answer.Errors {
		w.count(e.Extensions.Code)
		if !slices.Contains(faultCodes, e.Extensions.Code) || len(e.Path) == 0 {
			w.t.Errorf("%s: %s", query, body)
		}
	}
	return answer, body
}

var soakReads = []string{
	`query($id: ID!) { own: pipeline(project: "1", id: $id) { jobs(first: 100) { nodes { databaseId status } } } still: project(id: "2") { jobs(first: 10) { nodes { databaseId status } } } }`,
	`query($id: ID!) { own: pipeline(project: "1", id: $id) { stages { jobs { databaseId status } } } still: pipeline(project: "2", id: "99") { stages { jobs { databaseId status } } } }`,
	`query($id: ID!) { own: pipeline(project: "1", id: $id) { jobs(last: 100) { nodes { databaseId status } } } still: pipeline(project: "2", id: "99") { jobs(first: 7) { nodes { databaseId status } } } }`,
}

// stillJobs are project 2's, which nobody changes.
const stillJobs = "[9007 success 9006 success 9005 success 9004 success 9003 success 9002 success 9001 success]"

// read asks for a pipeline's jobs. exact: nobody else acts in it, so that the answer must be what
// the upstream itself says.
func (w *worker) read(pipeline int, exact bool) {
	before := fmt.Sprint(w.really(pipeline))
	answer, body := w.ask(soakReads[w.random.IntN(len(soakReads))], fmt.Sprint(pipeline))
	w.count("reads")
	own, still := "", ""
	if d := answer.Data.Own; d != nil && (d.Jobs != nil || d.Stages != nil) {
		own = rowsOf(d.Jobs, d.Stages)
	}
	if d := answer.Data.Still; d != nil && (d.Jobs != nil || d.Stages != nil) {
		still = rowsOf(d.Jobs, d.Stages)
	}
	w.checkPart(body, answer, "still", still, stillJobs)
	// A write that was given up on may still have been under way.
	if after := fmt.Sprint(w.really(pipeline)); exact && before == after {
		w.checkPart(body, answer, "own", own, after)
	}
}

// rowsOf are the jobs of a list or of stages, newest first.
func rowsOf(list *struct{ Nodes []soakJob }, stages []struct{ Jobs []soakJob }) string {
	var rows []soakJob
	if list != nil {
		rows = list.Nodes
	}
	for _, s := range stages {
		rows = append(rows, s.Jobs...)
	}
	slices.SortFunc(rows, func(a, b soakJob) int { return int(b.DatabaseID - a.DatabaseID) })
	return fmt.Sprint(rows)
}

// checkPart fails unless a part of an answer is right, or missing and named by an error.
func (w *worker) checkPart(body []byte, answer soakAnswer, part, got, want string) {
	told := false
	for _, e := range answer.Errors {
		told = told || len(e.Path) > 0 && e.Path[0] == part
	}
	if got == "" && !told || got != "" && (told || got != want) {
		w.t.Errorf("%s: got %s, want %s (told of a fault: %t): %s", part, got, want, told, body)
	}
}

// soakWrites are the mutation and the REST action that move a job on from a status.
var soakWrites = map[string][]struct{ mutation, action string }{
	"running":  {{"jobCancel", "cancel"}},
	"pending":  {{"jobCancel", "cancel"}},
	"manual":   {{"jobPlay", "play"}},
	"canceled": {{"jobRetry", "retry"}},
	"failed":   {{"jobRetry", "retry"}},
	"success":  {{"jobRetry", "retry"}, {"jobCancel", "cancel"}},
}

// write acts on one of the worker's jobs, and looks at what became of it.
func (w *worker) write() {
	jobs := w.really(w.pipeline)
	job := jobs[w.random.IntN(len(jobs))]
	possible := soakWrites[job.Status]
	if len(possible) == 0 {
		w.t.Errorf("a job that nobody made so: %v", job)
		return
	}
	a := possible[w.random.IntN(len(possible))]
	query := `mutation($id: ID!) { wrote: ` + a.mutation + `(input: {id: $id}) { job { databaseId status } userErrors { code message } } }`
	if a.action == "cancel" && w.random.IntN(2) == 0 {
		query = strings.Replace(query, "userErrors", "outcome userErrors", 1) // which costs a read before
	}
	answer, body := w.ask(query, fmt.Sprintf("gid://gitlab/Project/1/Job/%d", job.ID))
	w.count("writes")
	path := fmt.Sprintf("/api/v4/projects/1/jobs/%d/%s", job.ID, a.action)
	switch wrote := answer.Data.Wrote; {
	case wrote != nil && len(wrote.UserErrors) > 0: // a 403 or 404 that the upstream made up
		w.count("refused")
		w.wrote(path, 0, 0)
	case wrote != nil && wrote.Job != nil && answer.Errors == nil:
		w.wrote(path, 1, 1)
		w.moved(job, a.action, *wrote.Job)
	case len(answer.Errors) == 1 && answer.Errors[0].Extensions.Code == "OUTCOME_UNKNOWN":
		w.wrote(path, 0, 1)
	case len(answer.Errors) == 1:
		w.wrote(path, 0, 0)
	default:
		w.t.Errorf("%s %v: %s", a.mutation, job, body)
	}
}

// moved checks what an acknowledged write made of a job.
func (w *worker) moved(job soakJob, action string, got soakJob) {
	same := got.DatabaseID == job.ID
	if same != (action != "retry") {
		w.t.Errorf("%s %v: got %v", action, job, got)
	}
	if now := w.really(w.pipeline); !slices.ContainsFunc(now, func(j soakJob) bool { return j.String() == got.String() }) {
		w.t.Errorf("%s %v: got %v, but there is %v", action, job, got, now)
	}
}

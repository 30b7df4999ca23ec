//go:build replicas

package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// load asks queries without an end: one half by GET and the hash of a registered document, which a
// proxy may send again, the other half by POST.
type load struct {
	*replicas
	group sync.WaitGroup

	mu         sync.Mutex
	sent       map[string]int // by method
	answered   map[string]int
	lost       map[string][]string // what became of the others
	registered int                 // documents that no replica had
}

const (
	loadWorkers = 6
	loadPause   = 15 * time.Millisecond
	loadQuery   = `query Load { project(id: 1) { jobs(first: 3) { nodes { name status } } } }`
)

func startLoad(ctx context.Context, r *replicas) *load {
	l := &load{replicas: r, sent: map[string]int{}, answered: map[string]int{}, lost: map[string][]string{}}
	for i := range loadWorkers {
		method := []string{http.MethodGet, http.MethodPost}[i%2]
		l.group.Go(func() {
			for ctx.Err() == nil {
				l.count(method, l.query(method, replicaToken(i)))
				select {
				case <-time.After(loadPause):
				case <-ctx.Done():
				}
			}
		})
	}
	return l
}

func (l *load) count(method, problem string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[method]++
	if problem == "" {
		l.answered[method]++
	} else {
		l.lost[method] = append(l.lost[method], problem)
	}
}

// losses returns the requests that were lost since the last time.
func (l *load) losses() map[string][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lost := l.lost
	l.lost = map[string][]string{}
	return lost
}

// query asks once, and returns what is wrong with the answer.
func (l *load) query(method, token string) string {
	hash := sha256.Sum256([]byte(loadQuery))
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(hash[:]) + `"}}`
	if method == http.MethodPost {
		return l.send(method, "", harness.QueryBody(loadQuery), token)
	}
	problem := l.send(method, "?extensions="+url.QueryEscape(extensions), "", token)
	if !strings.Contains(problem, "PERSISTED_QUERY_NOT_FOUND") {
		return problem
	}
	l.mu.Lock()
	l.registered++
	l.mu.Unlock()
	both := harness.Operation{Query: loadQuery, Extensions: json.RawMessage(extensions)}
	return l.send(http.MethodPost, "", both.Body(), token)
}

func (l *load) send(method, query, body, token string) string {
	request, err := http.NewRequest(method, l.address+"/graphql"+query, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	request.Header = http.Header{"Private-Token": {token}, "Content-Type": {"application/json"}}
	response, err := l.client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), hiddenName) ||
		strings.Contains(string(text), `"errors"`) {
		return fmt.Sprintf("%v %s: %.200s", err, response.Status, text)
	}
	return ""
}

// change is what happens at GitLab: jobs change, and logs grow.
type change struct {
	*replicas
	mu       sync.Mutex
	statuses map[string]string // of jobs, by their global IDs
	logs     [replicaLogs]string
	made     int
	turn     int
}

func newChange(r *replicas) *change {
	c := &change{replicas: r, statuses: map[string]string{}}
	for n := range c.logs {
		c.logs[n] = "begun\n"
	}
	for p := range replicaPipelines {
		for i := range replicaJobs {
			c.statuses[globalJob(replicaJob(p, i))] = strings.ToUpper(string(fakegitlab.Pending))
		}
	}
	return c
}

func globalJob(id int64) string { return fmt.Sprintf("gid://gitlab/Project/1/Job/%d", id) }

// round changes one job of each pipeline and makes each log longer.
func (c *change) round() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	for p := range replicaPipelines {
		// These two may follow each other: a state that has passed would not be passed on.
		id, status := replicaJob(p, c.turn%replicaJobs), fakegitlab.WaitingForResource
		if c.statuses[globalJob(id)] == strings.ToUpper(string(status)) {
			status = fakegitlab.Pending
		}
		c.gitlab.ChangeJob(id, func(j *fakegitlab.Job) { j.Status = status })
		c.statuses[globalJob(id)] = strings.ToUpper(string(status))
		c.made++
	}
	for n := range c.logs {
		line := fmt.Sprintf("%s %d of log %d: €😀\n", hiddenLine, c.turn, n)
		c.gitlab.AppendLog(int64(901+n), line)
		c.logs[n] += line
	}
}

// run makes rounds for a time.
func (c *change) run(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(replicaInterval / 2) {
		c.round()
	}
}

// finish ends every job, and archives the logs.
func (c *change) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range replicaPipelines {
		for i := range replicaJobs {
			status := []fakegitlab.Status{fakegitlab.Success, fakegitlab.Failed}[i%2]
			c.gitlab.FinishJob(replicaJob(p, i), status)
			c.statuses[globalJob(replicaJob(p, i))] = strings.ToUpper(string(status))
			c.made++
		}
	}
	for n := range c.logs {
		c.gitlab.FinishJob(int64(901+n), fakegitlab.Success)
		c.gitlab.ArchiveLog(int64(901+n), nil)
	}
}

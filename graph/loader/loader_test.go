package loader

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// upstream answers jobs and pipelines of project 1 and counts the calls.
type upstream struct {
	mu      sync.Mutex
	calls   map[string]int
	now     int // in flight
	most    int // in flight at the same time
	arrived chan struct{}
	release chan struct{}
}

func newUpstream() *upstream { return &upstream{calls: map[string]int{}} }

func (u *upstream) Fetch(_ context.Context, _ restclient.Credential, path string) (*restclient.Response, error) {
	u.mu.Lock()
	u.calls[path]++
	u.now++
	u.most = max(u.most, u.now)
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.now--
	}()
	if u.release != nil {
		u.arrived <- struct{}{}
		<-u.release
	}
	id := path[strings.LastIndexByte(path, '/')+1:]
	if id == "404" {
		return nil, &restclient.Error{Status: http.StatusNotFound, Message: "404 Not found"}
	}
	return &restclient.Response{
		Body: fmt.Appendf(
			nil,
			`{"id":%s,"status":"success","pipeline":{"id":6,"project_id":1,"sha":"0ff3ae19","status":"success"}}`,
			id,
		),
	}, nil
}

func (u *upstream) total() (n int) {
	for _, times := range u.calls {
		n += times
	}
	return n
}

var project = &model.Project{Number: 1}

// side runs n loads side by side.
func side(n int, load func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { load(i) })
	}
	group.Wait()
}

func TestTheSameJobIsLoadedOnceHoweverManyAsk(t *testing.T) {
	u := newUpstream()
	l := New(Config{Fetcher: u})
	side(50, func(int) {
		if job, err := l.Job(t.Context(), project, 7); err != nil || job.DatabaseID() != 7 {
			t.Errorf("got %v, %v", job, err)
		}
	})
	if u.total() != 1 {
		t.Errorf("calls: %v", u.calls)
	}
}

func TestAnErrorIsRememberedToo(t *testing.T) {
	u := newUpstream()
	l := New(Config{Fetcher: u})
	for range 3 {
		_, err := l.Job(t.Context(), project, 404)
		if status, ok := errors.AsType[*restclient.Error](err); !ok || status.Status != 404 {
			t.Errorf("got %v", err)
		}
	}
	if u.total() != 1 {
		t.Errorf("calls: %v", u.calls)
	}
}

func TestAfterForgetTheNewStateIsRead(t *testing.T) {
	u := newUpstream()
	l := New(Config{Fetcher: u})
	for range 2 {
		if _, err := l.Job(t.Context(), project, 7); err != nil {
			t.Error(err)
		}
		l.Forget()
	}
	if u.total() != 2 {
		t.Errorf("calls: %v", u.calls)
	}
}

func TestPastTheBudgetNothingIsSent(t *testing.T) {
	u := newUpstream()
	l := New(Config{Fetcher: u, Limits: Limits{Calls: 3}})
	refused := make(chan error, 10)
	side(10, func(i int) {
		if _, err := l.Job(t.Context(), project, int64(i+1)); err != nil {
			refused <- err
		}
	})
	close(refused)
	n := 0
	for err := range refused {
		n++
		if limit, ok := errors.AsType[*LimitError](err); !ok || limit.Value != 3 {
			t.Errorf("got %v", err)
		}
	}
	if n != 7 || u.total() != 3 {
		t.Errorf("%d refused, calls %v", n, u.calls)
	}
}

func TestNoMoreCallsAtTheSameTimeThanAllowed(t *testing.T) {
	const most, jobs = 4, 20
	u := newUpstream()
	u.arrived, u.release = make(chan struct{}, jobs), make(chan struct{})
	l := New(Config{Fetcher: u, Limits: Limits{Parallel: most}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		side(jobs, func(i int) { _, _ = l.Job(t.Context(), project, int64(i+1)) })
	}()
	for range most {
		<-u.arrived
	}
	close(u.release)
	<-done
	if u.most != most || u.total() != jobs {
		t.Errorf("%d at the same time, %d in all", u.most, u.total())
	}
}

func TestAJobThatItsListBroughtIsNotAskedFor(t *testing.T) {
	u := newUpstream()
	l := New(Config{Fetcher: u})
	row := &model.Job{Job: &restclient.Job{ID: 7}, In: project}
	if job, err := l.Job(t.Context(), &model.Project{Number: 1, Rows: []*model.Job{row}}, 7); err != nil || job != row ||
		u.total() != 0 {
		t.Errorf("got %v, %v by %v", job, err, u.calls)
	}
}

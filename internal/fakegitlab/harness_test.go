package fakegitlab_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	. "jobgraph/internal/fakegitlab"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests set forward with turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// instance is a simulated GitLab on a loopback port.
type instance struct {
	*Server
	t     *testing.T
	url   string
	clock *clock
}

func start(t *testing.T, o Options) *instance {
	t.Helper()
	i := &instance{t: t, clock: &clock{now: noon}}
	o.Now = i.clock.Now
	i.Server = New(o)
	listener := httptest.NewServer(i.Server)
	t.Cleanup(listener.Close)
	i.url = listener.URL
	return i
}

// reply is a response with its complete body.
type reply struct {
	status int
	header http.Header
	body   string
}

// call sends "METHOD /path" (under /api/v4) with a token. more sets further headers or a body.
func (i *instance) call(request, token string, more ...func(*http.Request)) reply {
	i.t.Helper()
	r, err := i.try(request, token, more...)
	if err != nil {
		i.t.Fatalf("%s: %v", request, err)
	}
	return r
}

// try is like call, but returns errors.
func (i *instance) try(request, token string, more ...func(*http.Request)) (reply, error) {
	i.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequest(method, i.url+"/api/v4"+path, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Private-Token", token)
	}
	for _, change := range more {
		change(r)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(body)}, err
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func body(contentType, text string) func(*http.Request) {
	return func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(text))
		r.ContentLength = int64(len(text))
		r.Header.Set("Content-Type", contentType)
	}
}

// decode decodes the reply's JSON body.
func decode[T any](t *testing.T, r reply) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return v
}

type row struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Status     string `json:"status"`
	FinishedAt *time.Time
	User       *struct{ Username string }
}

func ids(rows []row) []int64 {
	list := []int64{}
	for _, r := range rows {
		list = append(list, r.ID)
	}
	return list
}

// linkTo returns the path and query of the link with a rel in the Link header, or "".
func (r reply) linkTo(rel string) string {
	for part := range strings.SplitSeq(r.header.Get("Link"), ", ") {
		target, found := strings.CutSuffix(part, `>; rel="`+rel+`"`)
		if found {
			_, path, _ := strings.Cut(target, "/api/v4")
			return path
		}
	}
	return ""
}

// The tokens of office: of an administrator, of a user per role, and of a user without a role.
const (
	root       = "token-of-root"
	maintainer = "token-of-maintainer"
	developer  = "token-of-developer"
	reporter   = "token-of-reporter"
	guest      = "token-of-guest"
	stranger   = "token-of-stranger"
)

// office has project 1 "group/app" (private, formerly group/old), 2 "group/open" (public), 3
// "group/members" (guests see no jobs) and 4 "other/app" (private, of the stranger). Project n has
// pipeline 10n with jobs from 100n on.
func office(b *Builder) {
	people := map[Role]*User{}
	for i, p := range []struct {
		token string
		role  Role
	}{{maintainer, Maintainer}, {developer, Developer}, {reporter, Reporter}, {guest, Guest}, {stranger, NoRole}} {
		name := strings.TrimPrefix(p.token, "token-of-")
		people[p.role] = b.User(User{ID: int64(10 + i), Username: name})
		b.Token(p.token, Token{User: people[p.role], Name: name})
	}
	b.Token(root, Token{User: b.User(User{ID: 1, Username: "root", Admin: true}), Name: "root", Scopes: []string{"api", "sudo"}})
	b.Token("reads", Token{User: people[Maintainer], Scopes: []string{"read_api"}})
	b.Token("knows-nothing", Token{User: people[Maintainer], Scopes: []string{"read_user"}})
	b.Token("revoked", Token{User: people[Maintainer], Revoked: true})
	b.Token("expired", Token{User: people[Maintainer], ExpiresAt: noon})
	b.Token("oauth", Token{User: people[Maintainer], OAuth: true})

	app := b.Project(1, "group/app", Project{OldPaths: []string{"group/old"}})
	open := b.Project(2, "group/open", Project{Visibility: Public})
	members := b.Project(3, "group/members", Project{MembersOnly: true})
	other := b.Project(4, "other/app", Project{})
	for role, u := range people {
		if role != NoRole {
			app.Member(u, role)
			members.Member(u, role)
		}
	}
	other.Member(people[NoRole], Owner)
	pl := app.Pipeline(10, Pipeline{User: people[Developer]})
	pl.Job(100, Job{Name: "build", Stage: "build"})
	pl.Job(101, Job{Name: "rspec", Status: Failed, Retried: true})
	pl.Job(102, Job{Name: "rspec", Status: Failed})
	pl.Job(103, Job{Name: "deploy", Stage: "deploy", Status: Running, StartedAt: noon.Add(-time.Minute)})
	downstream := open.Pipeline(20, Pipeline{Ref: "stable"})
	pl.Bridge(104, Job{Name: "trigger", Stage: "deploy"}, downstream)
	downstream.Job(200, Job{Name: "publish"})
	members.Pipeline(30, Pipeline{}).Job(300, Job{})
	other.Pipeline(40, Pipeline{}).Job(400, Job{})
	b.JobToken("glcbt-running", 103)
	b.JobToken("glcbt-finished", 100)
}

package e2e

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/process"
)

var (
	siegeTime   = flag.Duration("siege", 8*time.Second, "how long the siege lasts")
	siegeAlone  = flag.Bool("siege-each", false, "lay a siege with each attack by itself, to compare")
	siegeServer = flag.String("siege-server", "", "program to besiege instead of this one, to compare")
)

const (
	memory   = 512 << 20 // what the gateway is made for
	soon     = time.Second
	attacker = "PRIVATE-TOKEN: attacker-"
)

// besieged is the upstream of the siege: lists of 6 MB, logs of 1 MB, and one caller that it knows
// beside attackers.
func besieged() http.Handler {
	job := func(id int, message string) string {
		return fmt.Sprintf(`{"id":%d,"name":"job","status":"success","stage":"test","commit":{"id":"c","message":"%s"},"pipeline":{"id":1,"project_id":1}}`, id, message)
	}
	jobs := make([]string, 100)
	for i := range jobs {
		jobs[i] = job(i+1, strings.Repeat("m", 60_000))
	}
	list, log := "["+strings.Join(jobs, ",")+"]", strings.Repeat("a line of the log\n", 1<<20/18)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, body, kind := r.Header.Get("PRIVATE-TOKEN"), job(1, "short"), "application/json"
		switch {
		case strings.HasPrefix(token, "invented-"):
			w.WriteHeader(http.StatusUnauthorized)
			body = `{"message":"401 Unauthorized"}`
		case strings.HasSuffix(r.URL.Path, "/trace"):
			body, kind = log, "text/plain"
		case strings.HasSuffix(r.URL.Path, "/jobs"):
			body = list
		}
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
	})
}

// attack is one way to hurt. It is made again and again, by several at once, with a number that is
// always another.
type attack struct {
	name string
	by   int
	once func(context.Context, *siege, int)
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", strconv.Itoa(i)))
	}
	return b.String()
}

// query is an attack by a query, each time by another name, whose answer is read.
func query(selection string) func(context.Context, *siege, int) {
	_, rest, _ := strings.Cut(harness.QueryBody("query Q"+selection), "query Q")
	return func(ctx context.Context, s *siege, n int) {
		s.send(ctx, fmt.Sprintf(`{"query":"query Q%d`, n)+rest, "attacker-"+strconv.Itoa(n%4))
	}
}

var (
	blanks   = strings.Repeat(" ", 249_000)
	longHead = "GET / HTTP/1.1\r\nHost: localhost\r\nA: " + strings.Repeat("a", 60_000)
)

const wholeList = `{ project(id: "1") { jobs(first: 100) { nodes { id commit { message } } } } }`

var attacks = []attack{
	{"stars in namePattern", 2, query(
		"{" + repeat(48, ` a#: project(id: "1") { jobs(first: 1, filter: {namePattern: "`+strings.Repeat("*", 4000)+`"}) { nodes { id } } }`) + "}")},
	{"documents of 98 kB", 2, query("{" + repeat(190, ` a#: job(project: "1", id: "#") { `+repeat(40, " name status ")+`}`) + "}")},
	{"aliases of raw", 2, query(`{ job(project: "1", id: "1") { log {` + repeat(180, " a#: raw") + `} } }`)},
	{"aliases of rawBase64", 2, query(`{ job(project: "1", id: "1") { log {` + repeat(180, " a#: rawBase64") + `} } }`)},
	{"aliases of a message", 2, query(`{ project(id: "1") { jobs(first: 100) { nodes { commit {` + repeat(40, " a#: message") + `} } } } }`)},
	{"slow readers", 20, func(ctx context.Context, s *siege, n int) {
		body := harness.QueryBody(wholeList + strings.Repeat(" ", n%1000))
		s.connect(ctx, 20*time.Second, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
			attacker+strconv.Itoa(n)+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	}},
	{"unfinished bodies", 500, func(ctx context.Context, s *siege, n int) {
		s.connect(ctx, 20*time.Second, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+
			attacker+strconv.Itoa(n)+"\r\nContent-Length: 250000\r\n\r\n"+blanks)
	}},
	{"unfinished heads", 2000, func(ctx context.Context, s *siege, n int) {
		s.connect(ctx, 20*time.Second, longHead)
	}},
	{"unfinished messages over WebSocket", 500, func(ctx context.Context, s *siege, n int) {
		s.dial(ctx, n, func(w *harness.WebSocket) { // all but the last bytes
			message := harness.SubscribeMessage("1", "{ __typename }"+blanks)
			w.SendPart(message, len(message)-2)
		})
	}},
	{"lists over WebSocket, read slowly", 20, func(ctx context.Context, s *siege, n int) {
		s.dial(ctx, n, func(w *harness.WebSocket) {
			for i := range 10 {
				w.Send(harness.SubscribeMessage(strconv.Itoa(i), wholeList))
			}
		})
	}},
	{"invented tokens", 2, func(ctx context.Context, s *siege, n int) {
		s.ask(ctx, `{ job(project: "1", id: "1") { name } }`, fmt.Sprintf("invented-%d", rand.Uint64()))
	}},
}

// audited are attacks as the audit made them, which most limits refuse by now. They are part of a
// siege of a minute or more.
var audited = []attack{
	{"900 aliases of raw", 2, query(`{ job(project: "1", id: "1") { log {` + repeat(900, " a#: raw") + `} } }`)},
	{"900 aliases of rawBase64", 2, query(`{ job(project: "1", id: "1") { log {` + repeat(900, " a#: rawBase64") + `} } }`)},
	{"7,000 more unfinished heads", 7000, func(ctx context.Context, s *siege, n int) {
		s.connect(ctx, 20*time.Second, longHead)
	}},
}

// siege is a gateway under attack.
type siege struct {
	address string
	client  *http.Client
	count   atomic.Int64
}

// ask sends a query and reads the answer.
func (s *siege) ask(ctx context.Context, query, token string) (status int, body string) {
	return s.send(ctx, harness.QueryBody(query), token)
}

func (s *siege) send(ctx context.Context, body, token string) (status int, answered string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/graphql", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Private-Token": {token}}
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, string(text)
}

// connect sends text on a connection of its own and reads nothing, until the gateway closes it or
// the time is up.
func (s *siege) connect(ctx context.Context, patience time.Duration, text string) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, text)
	select {
	case <-ctx.Done():
	case <-time.After(patience):
	}
}

// dial opens a WebSocket connection, sends on it, and reads nothing more.
func (s *siege) dial(ctx context.Context, n int, send func(*harness.WebSocket)) {
	w, err := harness.DialWebSocket(s.address, fmt.Sprintf(`{"PRIVATE-TOKEN":"attacker-%d"}`, n))
	if err != nil {
		return
	}
	defer w.Close()
	send(w)
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
	}
}

// lay makes the attacks until the context ends.
func (s *siege) lay(ctx context.Context, attacks []attack) (done func()) {
	var group sync.WaitGroup
	for _, a := range attacks {
		for range a.by {
			group.Go(func() {
				time.Sleep(rand.N(*siegeTime / 2)) // they come one after the other
				for ctx.Err() == nil {
					a.once(ctx, s, int(s.count.Add(1)))
					select {
					case <-ctx.Done():
					case <-time.After(100 * time.Millisecond): // the attackers' CPU is the gateway's too
					}
				}
			})
		}
	}
	return group.Wait
}

// watch asks as another caller until the context ends, and returns how long the answers took at
// most.
func (s *siege) watch(ctx context.Context, t *testing.T) (answers, late, failed int, slowest time.Duration) {
	for ctx.Err() == nil {
		start := time.Now()
		status, body := s.ask(context.Background(), `{ job(project: "1", id: "1") { name status } }`, "other")
		took := time.Since(start)
		answers++
		slowest = max(slowest, took)
		if took > soon {
			late++
		}
		if status != http.StatusOK || !strings.Contains(body, `"name":"job"`) {
			if failed++; failed < 4 {
				t.Logf("another caller got %d %s", status, body)
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return answers, late, failed, slowest
}

// run lays a siege with these attacks and reports the process's peak.
func runSiege(t *testing.T, attacks []attack, lasts time.Duration) {
	behind := http.Server{Handler: besieged()}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = behind.Serve(listener) }()
	defer behind.Close()
	command := harness.SelfCommand("-gitlab-url=http://" + listener.Addr().String())
	if *siegeServer != "" {
		command.Path, command.Err = *siegeServer, nil
	}
	p, err := process.Start(command, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	s := &siege{address: p.Address, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	other := &siege{address: p.Address, client: &http.Client{}}
	other.ask(ctx, oneJob, "other") // whose connection the gateway knows
	done := s.lay(ctx, attacks)
	defer done()
	answers, late, failed, slowest := other.watch(ctx, t)
	peak, err := p.Peak()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d attacks in %s: VmHWM %d MB; %d other queries, the slowest after %s, %d after more than %s, %d failed",
		s.count.Load(), lasts, peak>>20, answers, slowest.Round(time.Millisecond), late, soon, failed)
	if *siegeServer != "" {
		return // it is there to compare
	}
	if peak > memory {
		t.Errorf("the process took %d MB", peak>>20)
	}
	// A short siege shares its CPUs with the other tests, and its attackers' with the gateway: it
	// is too short to tell.
	if failed > 0 || late > 0 && lasts >= time.Minute {
		t.Errorf("of %d queries of another caller, %d were late and %d failed", answers, late, failed)
	}
}

// All attacks of the audit at once, against the gateway as it ships. -siege=10m is the whole of it.
func TestSiege(t *testing.T) {
	if harness.RaceDetector {
		t.Skip("the race detector takes memory of its own")
	}
	attacks := attacks
	if *siegeTime >= time.Minute {
		attacks = append(attacks, audited...)
	}
	if *siegeAlone {
		for _, a := range attacks {
			t.Run(a.name, func(t *testing.T) { runSiege(t, []attack{a}, *siegeTime) })
		}
		return
	}
	runSiege(t, attacks, *siegeTime)
}

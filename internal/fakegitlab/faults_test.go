package fakegitlab_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	. "jobgraph/internal/fakegitlab"
)

func TestFaultsThatAnswer(t *testing.T) {
	type check func(reply) bool
	has := func(name, value string) check {
		return func(r reply) bool { return r.header.Get(name) == value }
	}
	contains := func(part string) check {
		return func(r reply) bool { return strings.Contains(r.body, part) }
	}
	const evil = "https://evil.example/"
	for name, c := range map[string]struct {
		fault  Fault
		status int
		check  check
	}{
		"truncated JSON": {Fault{Kind: TruncatedJSON}, 200, func(r reply) bool {
			return r.body[0] == '[' && r.body[len(r.body)-1] != ']'
		}},
		"invalid JSON": {Fault{Kind: InvalidJSON}, 200, func(r reply) bool {
			return strings.HasSuffix(r.body, `"status": `)
		}},
		"wrong type": {Fault{Kind: WrongContentType}, 200, has("Content-Type", "text/html; charset=utf-8")},
		"HTML":       {Fault{Kind: HTMLPage}, 502, contains("<h1>502")},
		"500": {Fault{Kind: ErrorStatus}, 500, func(r reply) bool {
			return r.body == `{"message":"500 Internal Server Error"}`
		}},
		"503":      {Fault{Kind: ErrorStatus, Status: 503, RetryAfter: "7"}, 503, has("Retry-After", "7")},
		"429 JSON": {Fault{Kind: ThrottledByEndpoint}, 429, contains(`{"message":{"error"`)},
		"429 text": {Fault{Kind: ThrottledByRack}, 429, func(r reply) bool {
			return r.header.Get("RateLimit-Remaining") == "0" && r.body == "Retry later\n"
		}},
		"429 with nonsense": {Fault{Kind: ThrottledByRack, RetryAfter: "soon"}, 429, has("Retry-After", "soon")},
		"redirect":          {Fault{Kind: Redirect, Location: evil}, 302, has("Location", evil)},
		"garbage Link": {Fault{Kind: GarbageLink}, 200, func(r reply) bool {
			return strings.Contains(r.header.Get("Link"), "%zz")
		}},
		"repeated page": {Fault{Kind: RepeatedPage}, 200, func(r reply) bool {
			return r.linkTo("next") == "/projects/1/jobs?per_page=2"
		}},
		"slow drip": {Fault{Kind: SlowDrip, Match: "GET /api/v4/projects/*/jobs"}, 200, func(r reply) bool {
			return strings.HasSuffix(r.body, "]")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			i := start(t, Options{Dataset: hundred(2)})
			defer i.Inject(c.fault)()
			got := i.call("GET /projects/1/jobs?per_page=2", root)
			if got.status != c.status || !c.check(got) {
				t.Errorf("= %d %v %s", got.status, got.header, got.body)
			}
			if logged := i.Calls()[0].Status; logged != c.status {
				t.Errorf("the call log says %d", logged)
			}
		})
	}
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	for name, kind := range map[string]FaultKind{"reset": ResetConnection, "reset in mid-body": ResetMidBody, "answer lost": AnswerLost} {
		t.Run(name, func(t *testing.T) {
			i := start(t, Options{Dataset: hundred(50)})
			defer i.Inject(Fault{Kind: kind})()
			_, err := i.try("GET /projects/1/jobs?per_page=50", root)
			if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("err = %v", err)
			}
		})
	}
}

func TestARequestIsProcessedIfItsAnswerIsLostButNotIfItIsReset(t *testing.T) {
	for kind, want := range map[FaultKind]string{AnswerLost: "canceled", ResetConnection: "running"} {
		i := start(t, Options{Dataset: actions})
		remove := i.Inject(Fault{Kind: kind, Match: "POST /api/v4/projects/*/jobs/*/cancel"})
		if got, err := i.try("POST /projects/1/jobs/3/cancel", developer); err == nil {
			t.Errorf("an answer came: %v", got)
		}
		remove()
		if got := decode[row](t, i.call("GET /projects/1/jobs/3", developer)); got.Status != want {
			t.Errorf("the job is %s, want %s", got.Status, want)
		}
	}
}

func TestHangsEndWhenTheClientDisconnectsOrTheFaultIsRemoved(t *testing.T) {
	for name, kind := range map[string]FaultKind{
		"before the headers": HangBeforeHeaders, "after the headers": HangAfterHeaders, "endless": EndlessBody,
	} {
		t.Run(name, func(t *testing.T) {
			i := start(t, Options{Dataset: hundred(2)})
			remove := i.Inject(Fault{Kind: kind})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			get := func(ctx context.Context) {
				r, _ := http.NewRequestWithContext(ctx, http.MethodGet, i.url+"/api/v4/projects/1/jobs?private_token="+root, nil)
				response, err := http.DefaultClient.Do(r)
				if err == nil {
					_, err = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
				done <- err
			}
			go get(ctx)
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the client that disconnected got %v", err)
			}
			go get(t.Context())
			remove()
			<-done // the request has ended
		})
	}
}

func TestFaultsApplyToTheRequestsTheyMatch(t *testing.T) {
	for name, c := range map[string]struct {
		fault Fault
		want  string // one letter per call: o if it succeeds, x if it fails
	}{
		"all":            {Fault{}, "xxxxxx"},
		"second":         {Fault{Nth: 2, Times: 1}, "oxoooo"},
		"from the third": {Fault{Nth: 3}, "ooxxxx"},
		"first two":      {Fault{Times: 2}, "xxoooo"},
		"other path":     {Fault{Match: "GET /api/v4/projects/*/jobs/*"}, "oooooo"},
		"other method":   {Fault{Match: "POST /api/v4/projects/*/jobs"}, "oooooo"},
		"any method":     {Fault{Match: "/api/v4/projects/*/jobs"}, "xxxxxx"},
		"by chance":      {Fault{Probability: 0.5, Seed: 3}, "ooxoxx"},
	} {
		t.Run(name, func(t *testing.T) {
			i := start(t, Options{Dataset: hundred(1)})
			c.fault.Kind = ErrorStatus
			defer i.Inject(c.fault)()
			got := ""
			for range c.want {
				if i.call("GET /projects/1/jobs", root).status == 500 {
					got += "x"
				} else {
					got += "o"
				}
			}
			if got != c.want {
				t.Errorf("= %s, want %s", got, c.want)
			}
		})
	}
}

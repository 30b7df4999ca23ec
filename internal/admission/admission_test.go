package admission

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"jobgraph/graph/errcode"
	"jobgraph/internal/caller"
)

// clock is a clock that goes when told.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// ask sends a request of a caller.
func ask(h http.Handler, token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	r.Header.Set("PRIVATE-TOKEN", token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// told is the one error of a refusal.
func told(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var answer struct {
		Errors []struct{ Extensions map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Errors) != 1 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return answer.Errors[0].Extensions
}

var ok = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// gqlgen and net/http let one caller take all there is.
func TestACallerIsHeldToTheRateAndToldWhenToComeBack(t *testing.T) {
	clock := &clock{time.Unix(0, 0)}
	h := Identify(nil, nil, New(Limits{Rate: 0.25, Burst: 2, AddressRate: 2.5}, clock.now, nil).Guard(ok))
	for range 2 {
		if w := ask(h, "a"); w.Code != http.StatusOK {
			t.Fatalf("refused within the burst: %d", w.Code)
		}
	}
	w := ask(h, "a")
	e := told(t, w)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "4" || e["code"] != errcode.RateLimited ||
		e["retryAfter"] != 4.0 || e["limit"] != "rate" || e["value"] != 0.25 {
		t.Errorf("%d, Retry-After %s, %v", w.Code, w.Header().Get("Retry-After"), e)
	}
	if w := ask(h, "b"); w.Code != http.StatusOK {
		t.Error("another caller is refused too")
	}
	clock.at = clock.at.Add(4 * time.Second)
	if w := ask(h, "a"); w.Code != http.StatusOK {
		t.Error("refused after the time told")
	}
}

func TestACallerIsHeldToRequestsInFlight(t *testing.T) {
	arrived, leave := make(chan struct{}), make(chan struct{})
	gate := New(Limits{InFlight: 1}, time.Now, nil)
	h := Identify(nil, nil, gate.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-leave
	})))
	var both sync.WaitGroup
	both.Go(func() { ask(h, "a") })
	<-arrived
	w := ask(h, "a")
	if e := told(t, w); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || e["limit"] != "in-flight" || e["value"] != 1.0 {
		t.Errorf("%d %v", w.Code, e)
	}
	both.Go(func() { ask(h, "b") })
	<-arrived // another caller is let in
	close(leave)
	both.Wait()
	both.Go(func() { ask(h, "a") })
	<-arrived // and the first again, once its request has ended
	both.Wait()
}

// Tokens cost nothing to invent: the callers that are remembered are bounded, and those with
// requests in flight are kept.
func TestCallersAreForgotten(t *testing.T) {
	clock := &clock{time.Unix(0, 0)}
	g := New(Limits{Rate: 1, Burst: 1, InFlight: 1}, clock.now, nil)
	busy, _ := g.enter(caller.Caller{Address: "busy"})
	for i := range 10 * maxIdle {
		c, _ := g.enter(caller.Caller{Address: strconv.Itoa(i)})
		g.leave(c)
	}
	if len(g.callers) > maxIdle {
		t.Errorf("%d callers are remembered", len(g.callers))
	}
	if _, refused := g.enter(caller.Caller{Address: "busy"}); refused == nil {
		t.Error("a caller with a request in flight was forgotten")
	}
	g.leave(busy)
}

// net/http lets bytes past 127 through to whoever sends the header on.
func TestCredentialsThatCannotBeSentOnAreRefused(t *testing.T) {
	reached := 0
	h := Identify(nil, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	for _, value := range []string{"a\rb", "a\nX-Admin: 1", "a\x00b", "tökén", "a\tb", "\x7f", "\xff"} {
		for _, name := range []string{"PRIVATE-TOKEN", "Authorization"} {
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.Header[http.CanonicalHeaderKey(name)] = []string{value}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if e := told(t, w); w.Code != http.StatusBadRequest || e["code"] != errcode.BadUserInput || e["argument"] != name {
				t.Errorf("%q: %d %v", value, w.Code, e)
			}
		}
	}
	twice := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	twice.Header.Add("PRIVATE-TOKEN", "a")
	twice.Header.Add("PRIVATE-TOKEN", "b")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, twice); w.Code != http.StatusBadRequest || reached != 0 {
		t.Errorf("%d, %d requests went on", w.Code, reached)
	}
	if w := ask(h, "glpat-Good_1"); w.Code != http.StatusOK || reached != 1 {
		t.Errorf("a good one: %d", w.Code)
	}
}

package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/graph/errcode"
)

// Credentials cost nothing to invent.
func TestInventedTokensDoNotPassTheRateLimit(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-max-rate=0.001", "-max-burst=5")
	passed := 0
	for i := range 50 {
		a := g.Post(t, harness.Operation{Query: "{__typename}"}, harness.As(fmt.Sprintf("invented-%d", i)))
		switch a.Status {
		case http.StatusOK:
			passed++
		case http.StatusTooManyRequests:
			if a.Code() != errcode.RateLimited || a.Errors[0].Extensions["limit"] != "address-rate" {
				t.Errorf("%s", a)
			}
		default:
			t.Errorf("%d %s", a.Status, a)
		}
	}
	if passed != 5 {
		t.Errorf("%d of 50 passed", passed)
	}
}

func TestAClientBehindAProxyIsLimitedByItsOwnAddress(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-max-rate=0.001", "-max-burst=2", "-trusted-proxies=127.0.0.1")
	ask := func(address string) int {
		h := harness.As("t-" + address)
		h.Set("X-Forwarded-For", "203.0.113.99, "+address)
		return g.Post(t, harness.Operation{Query: "{__typename}"}, h).Status
	}
	for range 2 {
		if s := ask("192.0.2.1"); s != http.StatusOK {
			t.Fatal(s)
		}
	}
	if s := ask("192.0.2.1"); s != http.StatusTooManyRequests {
		t.Error(s)
	}
	if s := ask("192.0.2.2"); s != http.StatusOK {
		t.Error(s)
	}
}

// A refused credential costs GitLab one failed login for each kind of call, not one for each call.
func TestARefusedCredentialIsRemembered(t *testing.T) {
	g := harness.Start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("PRIVATE-TOKEN") == "wrong" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"401 Unauthorized"}`)
			return
		}
		fmt.Fprint(w, `{"id":1,"name":"a","pipeline":{"id":1,"project_id":1}}`)
	}))
	for i := range 20 {
		a := g.Post(t, harness.Operation{Query: fmt.Sprintf(`{ job(project: 1, id: %d) { name } }`, i+1)}, harness.As("wrong"))
		if a.Code() != errcode.Unauthenticated {
			t.Fatalf("%s", a)
		}
	}
	if calls := g.Upstream.Calls(); len(calls) != 1 {
		t.Errorf("%d calls: %q", len(calls), calls)
	}
	a := g.Post(t, harness.Operation{Query: `{ pipeline(project: 1, id: 1) { id status } }`}, harness.As("wrong"))
	if a.Code() != errcode.Unauthenticated || len(g.Upstream.Calls()) != 2 {
		t.Errorf("another route was not asked: %s", a)
	}
	if a := g.Post(t, harness.Operation{Query: `{ job(project: 1, id: 1) { name } }`}, harness.As("right")); len(a.Errors) > 0 {
		t.Errorf("another credential: %s", a)
	}
}

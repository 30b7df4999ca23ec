package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

func TestTheCostIsToldWhereItIsAskedFor(t *testing.T) {
	g := harness.Start(t, harness.Simulator(fakegitlab.Newest))
	const query = `"query":"{ a: job(project: \"1\", id: \"101\") { name pipeline { databaseId jobs { totalCount } } } }"`
	var answer struct {
		Extensions map[string]struct{ Calls, Retries, Coalesced int }
	}
	asked := g.Send(t, "POST", "/graphql", `{`+query+`,"extensions":{"upstream":true}}`, harness.As(harness.MaintainerToken))
	if err := json.Unmarshal(asked.Body, &answer); err != nil {
		t.Fatal(err)
	}
	if cost := answer.Extensions["upstream"]; cost.Calls != 2 || cost.Retries != 0 {
		t.Errorf("two calls are told as %+v", cost)
	}
	plain := g.Send(t, "POST", "/graphql", `{`+query+`}`, harness.As(harness.MaintainerToken))
	if bytes.Contains(plain.Body, []byte("extensions")) {
		t.Errorf("told unasked: %s", plain)
	}
}

func caller(r *http.Request) string { return r.Header.Get("PRIVATE-TOKEN") }

// Equal queries of one caller that are in flight together are one query to GitLab; those of another
// caller are not among them, and neither are mutations.
func TestEqualQueriesInFlightAreOne(t *testing.T) {
	u := harness.Hold(harness.Simulator(fakegitlab.Newest), harness.HeldOptions{})
	g := harness.Start(t, u)
	const body = `{"query":"{ job(project: \"1\", id: \"101\") { name } }"}`
	ask := func(token string) []byte { return g.Send(t, "POST", "/graphql", body, harness.As(token)).Body }
	var group sync.WaitGroup
	answers := make([][]byte, 20)
	group.Go(func() { answers[0] = ask(harness.MaintainerToken) })
	<-u.Arrived // the first is in flight: an equal query now waits for it
	for i := range answers[1:] {
		token := harness.MaintainerToken
		if i == 0 {
			token = harness.AdminToken
		}
		group.Go(func() { answers[1+i] = ask(token) })
	}
	if token := caller(<-u.Arrived); token != harness.AdminToken {
		t.Errorf("a second call by %q", token)
	}
	u.Release()
	group.Wait()
	for i, answer := range answers {
		if !bytes.Equal(answer, answers[0]) || !bytes.Contains(answer, []byte(`"compile"`)) {
			t.Errorf("answer %d is %s", i, answer)
		}
	}
	// Whoever came after the first had been answered asked again; nobody's call was made with
	// another's token.
	for len(u.Arrived) > 0 {
		if token := caller(<-u.Arrived); token != harness.MaintainerToken {
			t.Errorf("a call by %q", token)
		}
	}
}

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"jobgraph/internal/fakegitlab"
)

// sendBody posts a body as it is and returns the answer.
func (g *gateway) sendBody(t *testing.T, body, token string) []byte {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, g.address+"/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("PRIVATE-TOKEN", token)
	response, err := g.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestTheCostIsToldWhereItIsAskedFor(t *testing.T) {
	g := startGateway(t, simulator(fakegitlab.Newest))
	const query = `"query":"{ a: job(project: \"1\", id: \"101\") { name pipeline { databaseId jobs { totalCount } } } }"`
	var answer struct {
		Extensions map[string]struct{ Calls, Retries, Coalesced int }
	}
	if err := json.Unmarshal(g.sendBody(t, `{`+query+`,"extensions":{"upstream":true}}`, maintainerToken), &answer); err != nil {
		t.Fatal(err)
	}
	if cost := answer.Extensions["upstream"]; cost.Calls != 2 || cost.Retries != 0 {
		t.Errorf("two calls are told as %+v", cost)
	}
	if plain := g.sendBody(t, `{`+query+`}`, maintainerToken); bytes.Contains(plain, []byte("extensions")) {
		t.Errorf("told unasked: %s", plain)
	}
}

// held is an upstream that answers only once it is let go.
type held struct {
	http.Handler
	arrived chan string
	letGo   chan struct{}
}

func (u *held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.arrived <- r.Header.Get("PRIVATE-TOKEN")
	<-u.letGo
	u.Handler.ServeHTTP(w, r)
}

// Equal queries of one caller that are in flight together are one query to GitLab; those of another caller are not among them, and neither are mutations.
func TestEqualQueriesInFlightAreOne(t *testing.T) {
	u := &held{Handler: simulator(fakegitlab.Newest), arrived: make(chan string, 100), letGo: make(chan struct{})}
	g := startGateway(t, u)
	const body = `{"query":"{ job(project: \"1\", id: \"101\") { name } }"}`
	var group sync.WaitGroup
	answers := make([][]byte, 20)
	group.Go(func() { answers[0] = g.sendBody(t, body, maintainerToken) })
	<-u.arrived // the first is in flight: whoever asks the same now waits for it
	for i := range answers[1:] {
		token := maintainerToken
		if i == 0 {
			token = adminToken
		}
		group.Go(func() { answers[1+i] = g.sendBody(t, body, token) })
	}
	if token := <-u.arrived; token != adminToken {
		t.Errorf("a second call by %q", token)
	}
	close(u.letGo)
	group.Wait()
	for i, answer := range answers {
		if !bytes.Equal(answer, answers[0]) || !bytes.Contains(answer, []byte(`"compile"`)) {
			t.Errorf("answer %d is %s", i, answer)
		}
	}
	// Whoever came after the first had been answered asked again; nobody's call was made with another's token.
	for len(u.arrived) > 0 {
		if token := <-u.arrived; token != maintainerToken {
			t.Errorf("a call by %q", token)
		}
	}
}

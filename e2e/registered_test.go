//go:build replicas

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/redis"
	"jobgraph/internal/fakegitlab"
)

// TestReplicasShareRegisteredDocuments registers a document at one process and names it at another.
func TestReplicasShareRegisteredDocuments(t *testing.T) {
	server := redis.Start(t)
	a, _ := harness.StartApart(t, harness.SmallSimulator(fakegitlab.Newest), "-redis-url="+server.URL())
	b, _ := harness.StartApart(t, harness.SmallSimulator(fakegitlab.Newest), "-redis-url="+server.URL())
	const query, data = `query Registered { __typename }`, `{"__typename":"Query"}`
	sum := sha256.Sum256([]byte(query))
	extensions := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(sum[:]) + `"}}`
	byHash := harness.Operation{Extensions: json.RawMessage(extensions)}
	as := harness.As(harness.MaintainerToken)
	if answer := b.Post(t, byHash, as); answer.Code() != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("before: %s", answer)
	}
	registering := harness.Operation{Query: query, Extensions: byHash.Extensions}
	if answer := a.Post(t, registering, as); string(answer.Data) != data {
		t.Fatalf("registering: %s", answer)
	}
	if answer := b.Post(t, byHash, as); string(answer.Data) != data {
		t.Errorf("by POST at the other: %s", answer)
	}
	server.Kill() // each keeps what it has found
	for _, g := range []*harness.Gateway{a, b} {
		answer := g.Send(t, http.MethodGet, "/graphql?extensions="+url.QueryEscape(extensions), "", as)
		if string(answer.Data) != data {
			t.Errorf("by GET without Redis: %s", answer)
		}
	}
}

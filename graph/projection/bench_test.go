package projection_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/restclient"
)

// replayer is an upstream that makes each answer once.
type replayer struct {
	*upstream
	mu    sync.Mutex
	kept  map[string]*restclient.Response
	calls atomic.Int64
}

func (u *replayer) Fetch(ctx context.Context, c restclient.Credential, path string) (*restclient.Response, error) {
	u.calls.Add(1)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.kept[path] == nil {
		response, err := u.upstream.Fetch(ctx, c, path)
		if err != nil {
			return nil, err
		}
		u.kept[path] = response.Shared()
	}
	return u.kept[path], nil
}

// The four questions of the peers' benchmark, and others of the same kind.
var questions = []struct{ name, query string }{
	{"list", `{ project(id: "1") { jobs(first: 100) { nodes { databaseId name stage status ref tag coverage archived allowFailure createdAt startedAt finishedAt erasedAt duration queuedDuration failureReason webUrl artifactsExpireAt tags runner { databaseId description active status } commit { sha title message authorName } user { databaseId name username } } } } }`},
	{"edges", `{ project(id: "1") { jobs(first: 100) { edges { cursor node { id name status ... on Processable { stage } ...F } } pageInfo { hasNextPage endCursor } } } } fragment F on Job { webUrl duration }`},
	{"nested", `{ project(id: "2") { jobs(first: 50) { nodes { databaseId name pipeline { databaseId status jobs(first: 20) { nodes { databaseId name stage status duration } } } } } } }`},
	{"single", `{ job(project: "1", id: "1050") { databaseId name stage status ref createdAt startedAt finishedAt duration webUrl } }`},
	{"lists", `{ pipeline(project: "1", id: "103") { status jobs(first: 100, includeRetried: true) { nodes { id name stage status } } bridges(first: 100) { nodes { id name stage status downstreamPipeline { status } } } } }`},
	{"page", `{ pipeline(project: "1", id: "103") { status jobCounts { status count } stages { name status jobs { id name stage status ... on Bridge { downstreamPipeline { status } } } } } }`},
	{"attempts", `{ pipeline(project: "1", id: "103") { jobs(first: 100, includeRetried: true) { nodes { id name stage status retried attempts { databaseId status } } } } }`},
	{"descendants", `{ pipeline(project: "1", id: "103") { descendants { id status jobs(first: 20) { nodes { databaseId name stage status duration } } } } }`},
	{"pipelines", `{ project(id: "1") { pipelines(first: 20) { nodes { id status ref sha jobs(first: 20) { nodes { databaseId name status } } } } } }`},
	{"nodes", `{ nodes(ids: ["gid://gitlab/Project/1/Job/1050", "gid://gitlab/Project/1/Job/1051", "gid://gitlab/Project/1/Job/1052", "gid://gitlab/Project/1/Job/1053"]) { id ... on Job { databaseId name stage status webUrl } } }`},
}

// BenchmarkQuery times an operation without HTTP on either side: execution alone.
func BenchmarkQuery(b *testing.B) {
	p := newPair()
	for _, q := range questions {
		for name, path := range map[string]*path{"executor": p.reference, "plan": p.projected} {
			b.Run(q.name+"/"+name, func(b *testing.B) { benchmark(b, path, q.query) })
		}
	}
}

func benchmark(b *testing.B, p *path, query string) {
	u := &replayer{upstream: &upstream{seed: 7}, kept: map[string]*restclient.Response{}}
	p.fetcher = u
	ctx := graphql.StartOperationTrace(context.Background())
	b.ReportAllocs()
	for b.Loop() {
		oc, errs := p.executor.CreateOperationContext(ctx, &graphql.RawParams{Query: query})
		if errs != nil {
			b.Fatal(errs)
		}
		next, inner := p.executor.DispatchOperation(ctx, oc)
		if response := next(inner); len(response.Errors) > 0 {
			b.Fatal(response.Errors)
		} else {
			b.SetBytes(int64(len(response.Data)))
		}
	}
	b.ReportMetric(float64(u.calls.Load())/float64(b.N), "calls/op")
}

// What an answer takes is its own length and its rows: a list that is written at once is not copied
// before, and the length of an answer is known from the last one.
func TestAListTakesLittleMoreThanItsAnswer(t *testing.T) {
	p := newPair()
	u := &replayer{upstream: &upstream{seed: 7}, kept: map[string]*restclient.Response{}}
	var answer outcome
	run := func() { answer, _ = p.projected.execute(u, questions[0].query, nil) }
	run()
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			run()
		}
	})
	if took := int(result.AllocedBytesPerOp()); took > 4*len(answer.Data) { // one of them is the copy that execute makes
		t.Errorf("%d bytes are taken for an answer of %d", took, len(answer.Data))
	}
}

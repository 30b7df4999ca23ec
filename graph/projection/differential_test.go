package projection_test

import (
	"context"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/google/go-cmp/cmp"

	"jobgraph/graph"
	"jobgraph/graph/generated"
	"jobgraph/graph/limits"
	"jobgraph/graph/loader"
	"jobgraph/graph/projection"
	"jobgraph/graph/selection"
)

// differentialTime makes the differential test run for this long instead of a fixed number of
// queries.
var differentialTime = flag.Duration("differential", 0, "how long to compare the two paths; 0 compares a few thousand queries")

const differentialQueries = 4000

// outcome is all that a client and GitLab see of a query.
type outcome struct {
	Data   string
	Errors []string
	Calls  []string
}

// path is one way to execute.
type path struct {
	executor *executor.Executor
	fetcher  loader.Fetcher
}

func newPath(wrap func(projection.Cache) graphql.ExecutableSchema) *path {
	bounds := limits.Default()
	bounds.Aliases = 1000 // for documents as large as can be
	documents := limits.NewDocuments(bounds, true)
	p := &path{executor: executor.New(wrap(documents))}
	p.executor.Use(documents)
	p.executor.SetQueryCache(documents)
	p.executor.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(loader.With(ctx, loader.New(loader.Config{
			Fetcher: p.fetcher, Limits: loader.Limits{Parallel: 8},
			JobLists: selection.JobLists, ProjectsByPath: selection.ProjectsByPath,
		})))
	})
	return p
}

// run executes a query and records its calls. It returns false if the query is not valid.
func (p *path) run(like *upstream, query string, variables map[string]any) (outcome, bool) {
	u := &upstream{seed: like.seed, odd: like.odd, fail: like.fail, further: like.further}
	got, valid := p.execute(u, query, variables)
	got.Calls = u.calls
	slices.Sort(got.Calls)
	return got, valid
}

// execute executes a query with f as the upstream. It does not record the calls.
func (p *path) execute(f loader.Fetcher, query string, variables map[string]any) (outcome, bool) {
	p.fetcher = f
	ctx := graphql.StartOperationTrace(context.Background())
	oc, errs := p.executor.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: cloned(variables)})
	if errs != nil {
		return outcome{}, false
	}
	next, ctx := p.executor.DispatchOperation(ctx, oc)
	response := next(ctx)
	got := outcome{Data: string(response.Data)}
	for _, e := range response.Errors {
		text, _ := json.Marshal(e)
		got.Errors = append(got.Errors, string(text))
	}
	sort.Strings(got.Errors)
	return got, true
}

// cloned copies variables, because the executor coerces their values in place.
func cloned(variables map[string]any) map[string]any {
	clone := make(map[string]any, len(variables))
	for name, value := range variables {
		if inner, ok := value.(map[string]any); ok {
			value = cloned(inner)
		}
		clone[name] = value
	}
	return clone
}

// pair is the executor and the plan.
type pair struct {
	reference, projected *path
	schema               *projection.Schema
}

func newPair() *pair { return newPairWith(nil) }

// newPairWith makes a pair whose plans are kept by a cache; by that of the documents where it is
// nil.
func newPairWith(cache projection.Cache) *pair {
	executable := generated.NewExecutableSchema(generated.Config{Resolvers: &graph.Resolver{}})
	var schema *projection.Schema
	reference := newPath(func(projection.Cache) graphql.ExecutableSchema { return executable })
	projected := newPath(func(documents projection.Cache) graphql.ExecutableSchema {
		if cache == nil {
			cache = documents
		}
		schema = projection.New(executable, cache)
		return schema
	})
	return &pair{reference, projected, schema}
}

// compare draws one query and one upstream from a seed, and executes the query on both paths. It
// returns the query.
func (p *pair) compare(t *testing.T, seed uint64) string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	query, variables := ask(r, p.schema.Schema())
	u := &upstream{seed: seed}
	switch r.IntN(4) {
	case 0:
		u.odd = 0.05
	case 1:
		u.odd, u.fail = 0.5, 0.05
	case 2:
		u.fail = 0.1
	}
	want, valid := p.reference.run(u, query, variables)
	if !valid {
		return ""
	}
	got, _ := p.projected.run(u, query, variables)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("seed %d: the plan differs from the executor (-executor +plan):\n%s\n%s\nvariables %v", seed, diff, query, variables)
	}
	return query
}

// differ compares with n seeds from base; where a time is given, with seeds from the clock for so
// long. It returns the first seed and how many there were.
func differ(n, base uint64, compare func(seed uint64)) (first, count uint64) {
	begin := time.Now()
	if *differentialTime > 0 {
		base = uint64(begin.UnixNano())
	}
	for ; count < n || time.Since(begin) < *differentialTime; count++ {
		compare(base + count)
	}
	return base, count
}

// share is how many queries with something in them were drawn, and how many of these were answered
// by their plan.
type share struct{ Asked, Projected int64 }

// wanted are the things of which a good share of the queries has to be answered by the plan.
var wanted = map[string]*regexp.Regexp{
	"anything":                     regexp.MustCompile(``),
	"node and nodes":               regexp.MustCompile(`\bnodes?\(`),
	"projects":                     regexp.MustCompile(`\bprojects\(`),
	"the current job":              regexp.MustCompile(`\bcurrentJob\b`),
	"jobs of a project":            regexp.MustCompile(`\bjob\(id: `),
	"pipelines of a project":       regexp.MustCompile(`\bpipeline\(id: `),
	"variables of artifacts":       regexp.MustCompile(`\bartifacts\([^)]*\$`),
	"jobs on a ref":                regexp.MustCompile(`\bref: `),
	"stages":                       regexp.MustCompile(`\bstages\b[^:(]*{`),
	"counts":                       regexp.MustCompile(`\bjobCounts\b`),
	"downstream":                   regexp.MustCompile(`\bdownstream\b`),
	"filters":                      regexp.MustCompile(`\bfilter: `),
	"a project's own fields":       regexp.MustCompile(`\bfullPath\b`),
	"descendants":                  regexp.MustCompile(`\bdescendants\b`),
	"a project's pipelines":        regexp.MustCompile(`\bpipelines\b`),
	"a narrowed list of pipelines": regexp.MustCompile(`\b(sha|source|username|updated(After|Before)): `),
	"the latest pipeline":          regexp.MustCompile(`\blatestPipeline\b`),
	"attempts":                     regexp.MustCompile(`\b(attempts|retried)\b`),
	"a job below a project":        regexp.MustCompile(`\bproject\b[^(]*{.*\bjob\(id: `),
	"coverage":                     regexp.MustCompile(`\bcoverage\b`),
	"erasable":                     regexp.MustCompile(`\berasable\b`),
	"trailers":                     regexp.MustCompile(`\btrailers\b`),
}

// The plan answers exactly as the generated executor does, with the same REST calls, or leaves the
// query to the executor.
func TestPlanAnswersAsTheExecutor(t *testing.T) {
	p := newPair()
	shares := map[string]share{}
	base, n := differ(differentialQueries, 1, func(seed uint64) {
		before := p.schema.Counts().Projected
		query := p.compare(t, seed)
		for name, in := range wanted {
			if s := shares[name]; in.MatchString(query) {
				shares[name] = share{s.Asked + 1, s.Projected + p.schema.Counts().Projected - before}
			}
		}
	})
	counts := p.schema.Counts()
	t.Logf("%d seeds from %d: %+v, with %+v", n, base, counts, shares)
	if counts.FellBack == 0 || counts.Executed == 0 {
		t.Errorf("the queries do not cover the paths: %+v", counts)
	}
	for name := range wanted {
		if s := shares[name]; s.Asked < int64(n/50) || s.Projected < s.Asked/5 {
			t.Errorf("the queries do not cover %s: %+v of %d", name, s, n)
		}
	}
}

// The answers and the REST calls are the same where lists let go of GitLab's bytes, also where the
// executor has to take over then.
func TestPlanAnswersAsTheExecutorWithoutTheBytes(t *testing.T) {
	p := newPair()
	p.schema.HoldNothing()
	base, n := differ(1500, 1_000_000, func(seed uint64) { p.compare(t, seed) })
	counts := p.schema.Counts()
	t.Logf("%d seeds from %d: %+v", n, base, counts)
	if counts.FellBack == 0 || counts.Projected == 0 {
		t.Errorf("%+v", counts)
	}
}

func FuzzPlanAnswersAsTheExecutor(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	p := newPair()
	f.Fuzz(func(t *testing.T, seed uint64) { p.compare(t, seed) })
}

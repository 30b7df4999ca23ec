package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is what go list prints of a package of this module.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// ours is the package's path within the module, "" for another's; "." is the command.
func ours(importPath string) string {
	if importPath == "jobgraph" {
		return "."
	}
	path, found := strings.CutPrefix(importPath, "jobgraph/")
	if !found {
		return ""
	}
	return path
}

func goPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]goPackage{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[ours(p.ImportPath)] = p
	}
}

// imports are the packages of this module that each package may import. Data goes one way: HTTP,
// resolvers, loaders, restclient. A package that is not listed fails the test: add it here with
// what it needs, and keep that little.
var imports = map[string]string{
	// The command, and what puts the parts together: only these import both GraphQL and the server.
	".":                "internal/gateway",
	"internal/gateway": "examples/dashboard graph graph/projection graph/subscription internal/admission internal/budget internal/caller internal/coalesce internal/config internal/documents internal/fakegitlab internal/graphiql internal/graphqlhttp internal/graphqlws internal/live internal/metrics internal/serving internal/store internal/webhook restclient internal/requestid internal/telemetry internal/tracing",
	"internal/config":  "graph/limits graph/loader graph/logs internal/admission internal/documents internal/graphqlhttp internal/graphqlws internal/live internal/serving restclient",

	// GraphQL. These use GitLab's API by restclient, and no HTTP, except for the handler in graph.
	"graph":                     "graph/arguments graph/deferral graph/errcode graph/generated graph/gid graph/introspection graph/limits graph/loader graph/logs graph/model graph/mutation graph/presenter graph/projection graph/relay graph/selection graph/subscription internal/budget internal/caller internal/documents internal/fanout internal/graphqlhttp internal/graphqlws internal/incremental internal/live restclient",
	"graph/arguments":           "graph/gid graph/loader graph/model graph/relay restclient",
	"graph/deferral":            "graph/errcode graph/loader internal/graphqlhttp internal/incremental",
	"graph/errcode":             "",
	"graph/generated":           "graph/logs graph/model graph/relay restclient",
	"graph/gid":                 "",
	"graph/introspection":       "",
	"graph/limits":              "graph/errcode graph/model graph/relay internal/budget",
	"graph/loader":              "graph/gid graph/logs graph/model graph/paging graph/relay internal/budget internal/fanout internal/glob restclient",
	"graph/logs":                "graph/model graph/relay internal/joblog restclient",
	"graph/mapping":             "graph/gid graph/model restclient",
	"graph/model":               "graph/gid graph/relay restclient",
	"graph/mutation":            "graph/arguments graph/errcode graph/gid graph/loader graph/model graph/selection internal/fanout restclient",
	"graph/paging":              "graph/relay internal/fanout restclient",
	"graph/presenter":           "graph/errcode graph/loader graph/logs graph/relay internal/budget internal/graphqlhttp internal/joblog internal/live restclient internal/requestid",
	"graph/projection":          "graph/loader graph/projection/plan graph/projection/run",
	"graph/projection/jsonscan": "",
	"graph/projection/plan":     "graph/gid graph/mapping graph/model graph/projection/jsonscan graph/relay graph/selection restclient",
	"graph/projection/run":      "graph/arguments graph/gid graph/limits graph/loader graph/mapping graph/model graph/paging graph/projection/jsonscan graph/projection/plan graph/relay graph/selection internal/budget internal/fanout restclient",
	"graph/relay":               "",
	"graph/selection":           "graph/arguments graph/gid graph/loader graph/model graph/paging graph/relay restclient",
	"graph/subscription":        "graph/arguments graph/errcode graph/gid graph/loader graph/logs graph/model internal/live internal/telemetry restclient",

	// GitLab's API. It imports nothing of GraphQL, nor of the rest of the program.
	"restclient":                "restclient/internal/http1",
	"restclient/internal/http1": "",

	// The server. Of graph, these import the list of error codes at most.
	"internal/admission":   "graph/errcode internal/caller internal/graphqlhttp internal/requestid internal/telemetry",
	"internal/caller":      "restclient",
	"internal/coalesce":    "restclient",
	"internal/compress":    "",
	"internal/documents":   "graph/errcode",
	"internal/fakegitlab":  "",
	"internal/budget":      "",
	"internal/fanout":      "",
	"internal/glob":        "",
	"internal/graphiql":    "internal/compress",
	"internal/graphqlhttp": "graph/errcode internal/budget internal/caller internal/coalesce internal/compress internal/documents internal/graphqlsse internal/incremental internal/multipart restclient internal/requestid internal/telemetry",
	"internal/graphqlsse":  "",
	"internal/graphqlws":   "graph/errcode internal/budget internal/caller internal/requestid internal/telemetry",
	"internal/http1":       "",
	"internal/joblog":      "",
	"internal/live":        "internal/joblog restclient",
	"internal/metrics":     "internal/live internal/telemetry restclient",
	"internal/incremental": "",
	"internal/multipart":   "internal/incremental",
	"internal/requestid":   "",
	"internal/serving":     "internal/http1",
	"internal/store":       "",
	"internal/webhook":     "",
	"internal/telemetry":   "internal/requestid restclient",
	"internal/tracing":     "",

	// Examples.
	"examples/dashboard": "",

	// Tests of the whole.
	"e2e":                   "",
	"e2e/harness/collector": "",
	"e2e/harness/process":   "",
	"e2e/harness/redis":     "",
	"e2e/harness":           "e2e/harness/process internal/config internal/fakegitlab internal/gateway internal/serving restclient",
}

// libraries are the modules and packages that only these packages of ours may import.
var libraries = map[string]string{
	"flag":                                   "internal/config internal/gateway",
	"github.com/failsafe-go/failsafe-go":     "restclient",
	"github.com/goccy/go-yaml":               "internal/config",
	"github.com/gorilla/websocket":           "internal/graphqlws e2e/harness",
	"github.com/graph-gophers/dataloader/v7": "graph/loader",
	"github.com/hashicorp/golang-lru/v2":     "graph/limits internal/documents",
	"github.com/prometheus/client_golang":    "internal/metrics",
	"github.com/rs/cors":                     "internal/graphqlhttp",
	"go.uber.org/goleak":                     "e2e/harness",
	"github.com/redis/go-redis":              "internal/store",
	"golang.org/x/time":                      "internal/admission internal/tracing",
	"github.com/go-logr/logr":                "internal/tracing",
	"go.opentelemetry.io/otel":               "internal/live internal/telemetry internal/tracing",
	"go.opentelemetry.io/otel/sdk":           "internal/tracing",
	"go.opentelemetry.io/otel/exporters":     "internal/tracing",
	"go.opentelemetry.io/proto/otlp":         "e2e/harness/collector",
}

// pure are packages that do no I/O, and so import nothing that could.
var pure = []string{"graph/errcode", "graph/gid", "graph/paging", "graph/projection/jsonscan", "graph/projection/plan", "graph/relay", "internal/glob", "internal/joblog"}

func TestEveryPackageImportsOnlyWhatItsRuleAllows(t *testing.T) {
	packages := goPackages(t)
	for name := range imports {
		if _, found := packages[name]; !found {
			t.Errorf("there is a rule for %s, but no such package", name)
		}
	}
	for name, p := range packages {
		rule, found := imports[name]
		if !found {
			t.Errorf("%s has no rule: add one to the list in e2e/architecture_test.go", name)
			continue
		}
		for _, imported := range p.Imports {
			if of := ours(imported); of != "" && !slices.Contains(strings.Fields(rule), of) {
				t.Errorf("%s imports %s", name, of)
			}
			for library, allowed := range libraries {
				within := imported == library || strings.HasPrefix(imported, library+"/")
				if within && !slices.Contains(strings.Fields(allowed), name) {
					t.Errorf("%s imports %s", name, imported)
				}
			}
			if slices.Contains(pure, name) && slices.Contains([]string{"os", "net", "io/fs", "os/exec", "syscall"}, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

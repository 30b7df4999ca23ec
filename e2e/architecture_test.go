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

// goPackage is what go list tells of a package of this module.
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

// TestImportRules holds the house together: data goes one way, and each library stays in its one room.
func TestImportRules(t *testing.T) {
	packages := goPackages(t)
	// Packages that may import these of ours and no others.
	for name, allowed := range map[string][]string{
		"restclient":          {"restclient/internal/http1"},
		"graph/relay":         nil,
		"graph/errcode":       nil,
		"graph/arguments":     {"graph/gid", "graph/loader", "graph/model", "graph/relay", "restclient"},
		"graph/selection":     {"graph/arguments", "graph/gid", "graph/loader", "graph/model", "graph/relay", "restclient"},
		"graph/mutation":      {"graph/arguments", "graph/errcode", "graph/gid", "graph/loader", "graph/model", "graph/selection", "internal/fanout", "restclient"},
		"graph/presenter":     {"graph/errcode", "graph/loader", "graph/logs", "graph/relay", "internal/graphqlhttp", "internal/joblog", "restclient"},
		"graph/gid":           nil,
		"graph/model":         {"graph/relay", "graph/gid", "restclient"},
		"graph/paging":        {"graph/relay", "internal/fanout", "restclient"},
		"graph/loader":        {"graph/gid", "graph/logs", "graph/model", "graph/paging", "graph/relay", "internal/fanout", "internal/glob", "restclient"},
		"internal/caller":     {"restclient"},
		"internal/fanout":     nil,
		"internal/http1":      nil,
		"internal/joblog":     nil,
		"internal/fakegitlab": nil,
		"internal/graphiql":   nil,
	} {
		p, found := packages[name]
		if !found {
			t.Errorf("%s is not there", name)
		}
		for _, imported := range p.Imports {
			if of := ours(imported); of != "" && of != name && !slices.Contains(allowed, of) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
	// Libraries that only these packages of ours may import.
	for library, allowed := range map[string][]string{
		"github.com/graph-gophers/dataloader/v7": {"graph/loader"},
		"github.com/goccy/go-yaml":               {"internal/config"},
		"flag":                                   {"internal/config", "internal/gateway"},
		"github.com/rs/cors":                     {"internal/graphqlhttp"},
		"github.com/failsafe-go/failsafe-go":     {"restclient"},
		"jobgraph/internal/fakegitlab":           {"internal/gateway", "e2e/harness"},
	} {
		for name, p := range packages {
			if slices.Contains(p.Imports, library) && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s", name, library)
			}
		}
	}
	// What does no I/O cannot.
	for _, name := range []string{"graph/relay", "graph/gid", "graph/paging"} {
		for _, imported := range packages[name].Imports {
			if slices.Contains([]string{"os", "net", "io/fs", "os/exec", "syscall", "time"}, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

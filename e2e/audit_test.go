//go:build audit

package e2e

import (
	"os"
	"os/exec"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// The audits of graphql-http, by the authors of the specification. They need Node and .ci/audit's
// packages:
//
//	npm ci --prefix .ci/audit && go test -tags audit -run Audits ./e2e
func TestPassesTheAuditsOfGraphQLOverHTTP(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}))
	audit := exec.Command("node", "../.ci/audit/audit.mjs", g.Address+"/graphql")
	audit.Stdout, audit.Stderr = os.Stdout, os.Stderr
	if err := audit.Run(); err != nil {
		t.Error(err)
	}
}

//go:build audit

package e2e

import (
	"os"
	"os/exec"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// The introspection, key by key, is what graphql-js 16 and 17 answer for the printed schema. It
// needs Node and the packages of .ci/introspection:
//
//	npm ci --prefix .ci/introspection && go test -tags audit -run Audits ./e2e
func TestPassesTheAuditsOfItsIntrospection(t *testing.T) {
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}))
	audit := exec.Command("node", "../.ci/introspection/compare.mjs", g.Address)
	audit.Stdout, audit.Stderr = os.Stdout, os.Stderr
	if err := audit.Run(); err != nil {
		t.Error(err)
	}
}

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// A request may ask for the plan of its query where the operator allows it; elsewhere it gets none,
// and no hint of one.
func TestThePlanIsToldWhereItIsAllowed(t *testing.T) {
	const body = `{"query":"{ project(id: \"1\") { jobs(first: 1) { nodes { name } } } }","extensions":{"plan":true}}`
	for name, c := range map[string]struct {
		flags []string
		told  bool
	}{"not allowed": {nil, false}, "allowed": {[]string{"-explain"}, true}} {
		t.Run(name, func(t *testing.T) {
			g := harness.Start(t, harness.SmallSimulator(fakegitlab.Newest), c.flags...)
			header := harness.As(harness.MaintainerToken)
			header.Set("Content-Type", "application/json")
			var answer struct {
				Data       json.RawMessage
				Extensions struct{ Plan string }
			}
			sent := g.Send(t, http.MethodPost, "/graphql", body, header)
			if err := json.Unmarshal(sent.Body, &answer); err != nil || answer.Data == nil {
				t.Fatal(err)
			}
			if told := strings.Contains(answer.Extensions.Plan, "GET a page of a project's jobs"); told != c.told {
				t.Errorf("the plan is %q", answer.Extensions.Plan)
			}
		})
	}
}

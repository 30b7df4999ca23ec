//go:build clients

package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// Clients that others wrote show the job while its log is still being read, and then the log too.
func TestClientsReadWhatIsDeferred(t *testing.T) {
	for client, format := range map[string]string{
		"apollo 20220824": "deferSpec=20220824", "apollo v0.2": "incrementalSpec=v0.2", "urql": "deferSpec=20220824",
	} {
		t.Run(client, func(t *testing.T) {
			g, held, _ := deferring(t, harness.HeldOptions{Only: ofTrace})
			ctx, cancel := context.WithTimeout(t.Context(), 2*harness.Patience)
			defer cancel()
			node := exec.CommandContext(ctx, "node", "../.ci/clients/defer.mjs", client, g.Address+"/graphql", deferToken,
				"gid://gitlab/Project/1/Job/101")
			node.Stderr = os.Stderr
			out, err := node.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := node.Start(); err != nil {
				t.Fatal(err)
			}
			var kind string
			var early, done bool
			for lines := bufio.NewScanner(out); lines.Scan(); {
				var line struct {
					Type, Name, Failed string
					Text               *string
					Complete           bool
				}
				if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Failed != "" {
					t.Errorf("%v %s", err, lines.Bytes())
				}
				switch {
				case line.Type != "":
					kind = line.Type
				case !line.Complete && line.Name == "job-0" && line.Text == nil:
					early = true
					held.Release()
				case line.Complete && line.Name == "job-0" && line.Text != nil && *line.Text == "one <two>":
					done = true
				default:
					t.Errorf("told %s", lines.Bytes())
				}
			}
			if err := node.Wait(); err != nil || !early || !done || !strings.HasSuffix(kind, format) {
				t.Errorf("%v: the job before its log %t, the log %t, in %s", err, early, done, kind)
			}
		})
	}
}

package e2e

import (
	"os"
	"testing"

	"jobgraph/e2e/harness"
)

// TestMain lets this program be a gateway in a process of its own.
func TestMain(m *testing.M) {
	harness.RunIfAsked()
	os.Exit(m.Run())
}

package e2e

import (
	"bytes"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
)

// print does what the command does with flags that ask for something else than serving.
func print(t *testing.T, flags ...string) (printed string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = harness.Run(t.Context(), flags, &out, &out)
	return out.String(), err
}

func TestTheVersionIsPrinted(t *testing.T) {
	printed, err := print(t, "-version")
	if err != nil || !strings.HasPrefix(printed, "jobgraph ") || !strings.Contains(printed, "(commit ") {
		t.Errorf("%q, %v", printed, err)
	}
}

func TestHelpIsPrintedByGroups(t *testing.T) {
	printed, err := print(t, "-help")
	if err != nil || !strings.Contains(printed, "\nDocuments:\n") || !strings.Contains(printed, "-max-depth int") {
		t.Errorf("%q, %v", printed, err)
	}
}

func TestCheckPrintsWhatWouldRunAndNoSecret(t *testing.T) {
	printed, err := print(t, "-check", "-gitlab-url=https://gitlab.example.com", "-gitlab-token=precious", "-max-depth=7")
	if err != nil || strings.Contains(printed, "precious") {
		t.Errorf("%q, %v", printed, err)
	}
	for _, want := range []string{"would serve GitLab at https://gitlab.example.com", "(hidden)", "-max-depth"} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in %s", want, printed)
		}
	}
	if printed, err = print(t, "-check"); err != nil || !strings.Contains(printed, "the demo on the embedded simulator") {
		t.Errorf("%q, %v", printed, err)
	}
}

// What can only be seen when the parts are put together is named by -check too.
func TestCheckNamesMistakes(t *testing.T) {
	for flag, want := range map[string]string{
		"-gitlab-url=gitlab.example.com": "gitlab-url: ",
		"-cors-origins=*":                "cors-origins: ",
		"-max-depth=many":                "-max-depth is \"many\": must be",
	} {
		if printed, err := print(t, "-check", flag); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, printed %q", flag, err, printed)
		}
	}
}

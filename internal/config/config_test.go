package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func read(t *testing.T, args, environ []string) Config {
	t.Helper()
	c, err := Read(args, environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "jobgraph.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAFlagOverridesTheEnvironmentAndThatTheFile(t *testing.T) {
	name := file(t, "max-depth: 1\nmax-tokens: 1\nmax-aliases: 1\nmax-rate: 0.5\nrequest-timeout: 2m\ngraphiql: false\n"+
		"cors-origins: [https://a.example, https://b.example]\n")
	environ := []string{"JOBGRAPH_CONFIG=" + name, "JOBGRAPH_MAX_DEPTH=2", "JOBGRAPH_MAX_TOKENS=2", "JOBGRAPH_MAX_FIELDS="}
	c := read(t, []string{"-max-depth=3"}, environ)
	if d := c.Documents; d.Depth != 3 || d.Tokens != 2 || d.Aliases != 1 || d.Fields != 20_000 {
		t.Errorf("%+v", d)
	}
	if c.Admission.Rate != 0.5 || c.HTTP.Timeout != 2*time.Minute || c.GraphiQL ||
		c.CORSOrigins != "https://a.example,https://b.example" {
		t.Errorf("%+v", c)
	}
}

func TestVariablesThatPlatformsSetAreHonoured(t *testing.T) {
	platform := []string{"GITLAB_URL=https://gitlab.example", "GITLAB_TOKEN=t", "PORT=9000"}
	c := read(t, nil, platform)
	if c.GitLabURL != "https://gitlab.example" || c.GitLabToken != "t" || c.Addr != ":9000" {
		t.Errorf("%q %q %q", c.GitLabURL, c.GitLabToken, c.Addr)
	}
	c = read(t, []string{"-addr=127.0.0.1:1"}, append(platform, "JOBGRAPH_GITLAB_URL=https://own.example"))
	if c.GitLabURL != "https://own.example" || c.Addr != "127.0.0.1:1" {
		t.Errorf("%q %q", c.GitLabURL, c.Addr)
	}
}

func TestAProfileSetsDocumentLimitsAndSingleOnesOverrideIt(t *testing.T) {
	if d := read(t, []string{"-limits=off"}, nil).Documents; d.Depth != 0 || d.Tokens != 0 || d.CachedDocuments == 0 {
		t.Errorf("off: %+v", d)
	}
	standard, strict := read(t, nil, nil).Documents, read(t, nil, []string{"JOBGRAPH_LIMITS=strict"}).Documents
	if strict.Depth >= standard.Depth || strict.Fields >= standard.Fields || strict.Depth == 0 {
		t.Errorf("strict: %+v", strict)
	}
	c := read(t, []string{"-config=" + file(t, "limits: strict\nmax-depth: 5\n")}, []string{"JOBGRAPH_MAX_FIELDS=6"})
	if d := c.Documents; d.Depth != 5 || d.Fields != 6 || d.Tokens != strict.Tokens {
		t.Errorf("overridden: %+v", d)
	}
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		args, environ []string
		want          []string
	}{
		"values": {[]string{"-limits=lax", "-max-depth=-1"}, []string{"JOBGRAPH_REQUEST_TIMEOUT=10"}, []string{
			`-limits is "lax": must be one of default, strict, off`,
			`-max-depth is "-1": must be a whole number, 0 or more`,
			`JOBGRAPH_REQUEST_TIMEOUT is "10": must be a duration`,
		}},
		"zero":           {[]string{"-upstream-timeout=0s"}, nil, []string{`-upstream-timeout is "0s": must be more than 0`}},
		"length":         {[]string{"-max-log-bytes=99999999999GiB"}, nil, []string{"-max-log-bytes", "64KiB"}},
		"infinity":       {[]string{"-max-rate=Inf"}, nil, []string{"-max-rate"}},
		"share":          {[]string{"-breaker-failure-rate=1.1"}, nil, []string{"a number from 0 to 1"}},
		"a switch":       {[]string{"-graphiql=perhaps"}, nil, []string{"-graphiql", "true or false"}},
		"unknown flag":   {[]string{"-max-deep=3"}, nil, []string{"-max-deep", "-help"}},
		"argument":       {[]string{"serve"}, nil, []string{`unexpected argument "serve"`}},
		"missing file":   {[]string{"-config=none.yaml"}, nil, []string{"config: ", "none.yaml"}},
		"file":           {[]string{"-config=" + file(t, "- max-depth")}, nil, []string{"YAML"}},
		"keys of a file": {[]string{"-config=" + file(t, "a: 1\nmax-depth: {b: 2}\nconfig: x")}, nil, []string{": a is no setting", ": max-depth must be a single value", ": config cannot"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(c.args, c.environ)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not contain %q", err, want)
				}
			}
		})
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	var printed strings.Builder
	c := read(t, []string{"-max-depth=7"}, []string{"GITLAB_TOKEN=glpat-precious"})
	if err := c.WriteValues(&printed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), "precious") || !strings.Contains(printed.String(), "(hidden)") {
		t.Error(printed.String())
	}
	for _, want := range []string{"GITLAB_TOKEN", "7  ", "-max-depth", "default"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("no %q in %s", want, printed.String())
		}
	}
}

// Images and schedulers set variables such as JOBGRAPH_VERSION for purposes of their own.
func TestOnlyAFlagAsksForSomethingElseThanServing(t *testing.T) {
	c := read(t, nil, []string{"JOBGRAPH_VERSION=1.2.3", "JOBGRAPH_CHECK=true"})
	if c.PrintVersion || c.Check {
		t.Errorf("%+v", c)
	}
	if _, err := Read([]string{"-config=" + file(t, "check: true")}, nil); err == nil {
		t.Error("a file asks for -check")
	}
}

func TestUnknownVariablesAreFound(t *testing.T) {
	unknown := Unknown([]string{"JOBGRAPH_MAX_DEPHT=1", "JOBGRAPH_MAX_DEPTH=1", "GITLAB_URL=x", "HOME=/"})
	if strings.Join(unknown, " ") != "JOBGRAPH_MAX_DEPHT" {
		t.Error(unknown)
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	if _, err := Read([]string{"-help"}, nil); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
	var help strings.Builder
	if err := WriteHelp(&help); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range All() {
		if names[s.Name] || s.Meaning == "" {
			t.Errorf("%s is declared twice, or without a meaning", s.Name)
		}
		names[s.Name] = true
		if !strings.Contains(help.String(), "\n  -"+s.Name+" ") {
			t.Errorf("-help does not name -%s", s.Name)
		}
	}
}

// What -check and the documents show as a value must be readable as one.
func TestDefaultsAreReadAsTheyAreWritten(t *testing.T) {
	for _, s := range All() {
		if err := s.parse(s.Default); err != nil || s.format() != s.Default {
			t.Errorf("%s: %q is read as %q (%v)", s.Name, s.Default, s.format(), err)
		}
	}
}

package model

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// compositeRule is one line of testdata/composite.txt.
type compositeRule struct {
	kind   string // only, any or otherwise
	words  []string
	status string
}

func (r compositeRule) applies(group []string) bool {
	named := func(status string) bool { return slices.Contains(r.words, status) }
	switch r.kind {
	case "only":
		return !slices.ContainsFunc(group, func(status string) bool { return !named(status) })
	case "any":
		return slices.ContainsFunc(group, named)
	}
	return true
}

func compositeRules(t *testing.T) []compositeRule {
	text, err := os.ReadFile("testdata/composite.txt")
	if err != nil {
		t.Fatal(err)
	}
	var rules []compositeRule
	for line := range strings.Lines(string(text)) {
		condition, status, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		kind, words, _ := strings.Cut(condition, " ")
		rules = append(rules, compositeRule{kind, strings.Split(words, ", "), status})
	}
	return rules
}

// A job's status, whether it is allowed to fail, and the word for both in GitLab's rule.
type compositeJob struct {
	status       string
	allowFailure bool
	word         string
}

// Every combination of up to three jobs in the 13 statuses, allowed to fail or not, is summed up as
// GitLab's rule says.
func TestAStagesStatusIsGitLabsComposite(t *testing.T) {
	var kinds []compositeJob
	for _, status := range Statuses {
		kinds = append(kinds, compositeJob{status, false, status})
		allowed := compositeJob{status, true, status}
		switch status {
		case "failed", "canceled":
			allowed.word = "warned"
		case "manual":
			allowed.word = "ignored"
		}
		kinds = append(kinds, allowed)
	}
	if len(kinds) != 26 {
		t.Fatalf("%d kinds of jobs, want 26", len(kinds))
	}
	rules := compositeRules(t)
	if len(rules) != 15 {
		t.Fatalf("%d rules, want 15", len(rules))
	}
	groups := 0
	check := func(group ...compositeJob) {
		groups++
		var stage Stage
		var words []string
		for i, k := range group {
			stage.Jobs = append(stage.Jobs, job(int64(i+1), "test", "job", k.status, k.allowFailure))
			words = append(words, k.word)
		}
		rule := rules[slices.IndexFunc(rules, func(r compositeRule) bool { return r.applies(words) })]
		if got := stage.Status(); string(got) != strings.ToUpper(rule.status) {
			t.Errorf("%s: %s, want %s", strings.Join(words, " + "), got, rule.status)
		}
	}
	for _, a := range kinds {
		check(a)
		for _, b := range kinds {
			check(a, b)
			for _, c := range kinds {
				check(a, b, c)
			}
		}
	}
	if groups != 26+26*26+26*26*26 {
		t.Errorf("%d groups", groups)
	}
}

// What the rule comes to in the states that a pipeline is seen in most, derived from GitLab's rule
// by hand.
func TestTheCommonestStagesOfARun(t *testing.T) {
	for statuses, want := range map[string]JobStatus{
		"success pending":         "RUNNING",
		"success created":         "RUNNING",
		"success created pending": "RUNNING",
		"pending success skipped": "RUNNING",
		"pending created":         "PENDING",
		"canceling running":       "RUNNING",
		"canceling created":       "RUNNING",
		"canceling success":       "CANCELING",
		"success failed?":         "SUCCESS",
		"success failed":          "FAILED",
		"success canceled":        "CANCELED",
		"success manual":          "MANUAL",
		"success manual?":         "SUCCESS",
		"hibernating success":     "UNKNOWN",
		"hibernating running":     "RUNNING",
	} {
		var stage Stage
		for i, word := range strings.Fields(statuses) {
			status, allowed := strings.CutSuffix(word, "?")
			stage.Jobs = append(stage.Jobs, job(int64(i+1), "test", word, status, allowed))
		}
		if got := stage.Status(); got != want {
			t.Errorf("%s: %s, want %s", statuses, got, want)
		}
	}
}

func TestAPipelineWithoutJobsHasNoStages(t *testing.T) {
	if stages := Stages(nil, nil); stages == nil || len(stages) != 0 {
		t.Errorf("got %#v, want an empty list", stages)
	}
}

package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/restclient"
)

func job(id int64, stage, name, status string, allowFailure bool) *Job {
	return &Job{
		Job: &restclient.Job{
			ID: id, Stage: stage, Name: restclient.Text(name), Status: restclient.Text(status), AllowFailure: allowFailure,
		},
		In: &Project{Number: 1},
	}
}

func TestStagesKeepTheLatestAttemptsInTheOrderOfTheRun(t *testing.T) {
	stages := Stages(
		[]*Job{
			job(9, "build", "compile", "success", false),
			job(4, "deploy", "ship", "created", false),
			job(3, "test", "rspec", "success", false),
			job(1, "build", "compile", "failed", false),
		},
		[]*Bridge{{Bridge: &restclient.Bridge{ID: 5, Stage: "deploy", Name: "staging"}, In: &Project{Number: 1}}},
	)
	var shown []string
	for _, s := range stages {
		for _, p := range s.Jobs {
			switch p := p.(type) {
			case *Job:
				shown = append(shown, fmt.Sprint(s.Name, " ", p.DatabaseID()))
			case *Bridge:
				shown = append(shown, fmt.Sprint(s.Name, " ", p.DatabaseID()))
			}
		}
	}
	if got := strings.Join(shown, ", "); got != "build 9, test 3, deploy 4, deploy 5" {
		t.Error(got)
	}
}

func TestScalarsAreStrictOnInput(t *testing.T) {
	for name, read := range map[string]func() error{
		"a quoted Int":           func() error { _, err := UnmarshalInt("5"); return err },
		"an Int past 32 bits":    func() error { _, err := UnmarshalInt(json.Number("2147483648")); return err },
		"a fraction for an Int":  func() error { _, err := UnmarshalInt(json.Number("1.5")); return err },
		"a float for an Int":     func() error { _, err := UnmarshalInt(1.0); return err },
		"a quoted BigInt":        func() error { _, err := UnmarshalBigInt("5"); return err },
		"a BigInt past 64 bits":  func() error { _, err := UnmarshalBigInt(json.Number("9223372036854775808")); return err },
		"a number for a String":  func() error { _, err := UnmarshalString(int64(5)); return err },
		"a word for a Boolean":   func() error { _, err := UnmarshalBoolean("true"); return err },
		"a word for a DateTime":  func() error { _, err := UnmarshalDateTime("yesterday"); return err },
		"a lower-case JobStatus": func() error { return new(JobStatus).UnmarshalGQL("running") },
		"a JobStatus of no list": func() error { return new(JobStatus).UnmarshalGQL("CANCELLED") },
	} {
		if read() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestScalarsAreWrittenAsGitLabSentThem(t *testing.T) {
	for want, written := range map[string]graphql.Marshaler{
		"0.010":                           MarshalFloat("0.010"),
		"9223372036854775807":             MarshalBigInt(1<<63 - 1),
		`"2015-12-24T16:51:14.000+01:00"`: MarshalDateTime("2015-12-24T16:51:14.000+01:00"),
	} {
		var b bytes.Buffer
		written.MarshalGQL(&b)
		if b.String() != want {
			t.Errorf("%s is written as %s", want, b.String())
		}
	}
}

func TestAPipelinesProjectIsFoundByNumberOrByItsPagesAddress(t *testing.T) {
	text := func(s string) *string { return &s }
	number := int64(5)
	for name, test := range map[string]struct {
		prefix string
		stub   restclient.Pipeline
		want   Project
	}{
		"its number":       {"", restclient.Pipeline{ProjectID: &number, WebURL: text("https://example.com/a/b/-/pipelines/1")}, Project{Number: 5}},
		"its address":      {"", restclient.Pipeline{WebURL: text("https://example.com/group/sub/app/-/pipelines/1")}, Project{Path: "group/sub/app"}},
		"below a path":     {"tools/gitlab/", restclient.Pipeline{WebURL: text("https://example.com/tools/gitlab/group/app/-/pipelines/1")}, Project{Path: "group/app"}},
		"an older address": {"", restclient.Pipeline{WebURL: text("https://example.com/diaspora/diaspora-client/pipelines/5")}, Project{Path: "diaspora/diaspora-client"}},
	} {
		bridge := &Bridge{Bridge: &restclient.Bridge{DownstreamPipeline: &test.stub}, PathPrefix: test.prefix}
		if got := bridge.DownstreamPipeline().In; got.Number != test.want.Number || got.Path != test.want.Path {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestTrailersKeepTheirOrderAndEveryValue(t *testing.T) {
	read := func(c restclient.Commit) string {
		all, err := (&Commit{&c}).Trailers()
		if err != nil {
			return err.Error()
		}
		var shown []string
		for _, one := range all {
			shown = append(shown, one.Key+"="+strings.Join(one.Values, "|"))
		}
		return strings.Join(shown, " ")
	}
	plain := json.RawMessage(`{"Signed-off-by":"b","Changelog":"added"}`)
	extended := json.RawMessage(`{"Signed-off-by":["a","b"],"Changelog":["added"]}`)
	for want, c := range map[string]restclient.Commit{
		"Signed-off-by=a|b Changelog=added": {Trailers: plain, ExtendedTrailers: extended},
		"Signed-off-by=b Changelog=added":   {Trailers: plain, ExtendedTrailers: json.RawMessage("null")},
		"":                                  {},
	} {
		if got := read(c); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	got := read(restclient.Commit{Trailers: json.RawMessage(`{"Changelog":5}`)})
	if !strings.Contains(got, "another shape") {
		t.Errorf("a number for a trailer is %q", got)
	}
}

package restclient_test

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"jobgraph/internal/fakegitlab"
	"jobgraph/restclient"
)

const (
	jobsInProject = 23
	runningJob    = 100
	longLog       = "0123456789"
)

// shop is a project with two pipelines, one of which starts the other.
func shop(b *fakegitlab.Builder) {
	user := b.User(fakegitlab.User{Username: "ada"})
	b.Token("glpat-ada", fakegitlab.Token{User: user})
	project := b.Project(1, "acme/shop", fakegitlab.Project{OldPaths: []string{"acme/store"}}).Member(user, fakegitlab.Maintainer)
	downstream := project.Pipeline(7, fakegitlab.Pipeline{User: user})
	pipeline := project.Pipeline(6, fakegitlab.Pipeline{User: user})
	for id := range int64(jobsInProject - 1) {
		pipeline.Job(id+1, fakegitlab.Job{Name: fmt.Sprint("test ", id), Log: fakegitlab.Log{Text: longLog}})
	}
	pipeline.Job(runningJob, fakegitlab.Job{Name: "deploy", Status: fakegitlab.Running, User: user})
	pipeline.Bridge(50, fakegitlab.Job{Name: "downstream", User: user}, downstream)
	b.JobToken("glcbt-deploy", runningJob)
}

var ada = restclient.Credential{Header: restclient.HeaderPrivateToken, Value: "glpat-ada"}

func simulated(t *testing.T, release fakegitlab.Release) *restclient.Client {
	t.Helper()
	server := httptest.NewServer(fakegitlab.New(fakegitlab.Options{Dataset: shop, Release: release}))
	t.Cleanup(server.Close)
	transport := restclient.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	client, err := restclient.New(restclient.Config{BaseURL: server.URL, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestGitLabsOwnLinksLeadThroughEveryJobOnce(t *testing.T) {
	for _, release := range []fakegitlab.Release{fakegitlab.Newest, fakegitlab.Older17} {
		client := simulated(t, release)
		for _, options := range []restclient.JobsOptions{
			{PerPage: 5}, {PerPage: 5, Keyset: true}, {PerPage: 100, Keyset: true},
		} {
			last, rows := int64(1<<62), 0
			for path := restclient.ProjectJobs("acme/shop", options).Path(); path != ""; {
				response, err := client.Fetch(t.Context(), ada, path)
				if err != nil {
					t.Fatal(err)
				}
				jobs, err := restclient.Decode[[]restclient.Job](response)
				if err != nil {
					t.Fatal(err)
				}
				for _, job := range jobs {
					if job.ID >= last {
						t.Errorf("job %d after %d", job.ID, last)
					}
					last = job.ID
					rows++
				}
				if response.Page.HasNext != (response.Page.NextPath != "") {
					t.Errorf("%+v says that there is a next page and not where", response.Page)
				}
				path = response.Page.NextPath
			}
			if rows != jobsInProject {
				t.Errorf("%+v: %d jobs, want %d", options, rows, jobsInProject)
			}
		}
	}
}

func TestEveryReadOfASimulatedGitLabDecodes(t *testing.T) {
	client := simulated(t, fakegitlab.Newest)
	pipelineJobs := restclient.PipelineJobs("1", 6, restclient.PipelineJobsOptions{Scope: []string{"running"}})
	jobs, response, err := restclient.Do(t.Context(), client, ada, pipelineJobs)
	if err != nil || len(jobs) != 1 || response.Page.Total == nil || *response.Page.Total != 1 {
		t.Errorf("pipeline jobs: %d, %v", len(jobs), err)
	}
	list := restclient.PipelineBridges("1", 6, restclient.BridgesOptions{})
	bridges, _, err := restclient.Do(t.Context(), client, ada, list)
	if err != nil || len(bridges) != 1 || bridges[0].DownstreamPipeline == nil || bridges[0].DownstreamPipeline.ID != 7 {
		t.Errorf("bridges: %+v, %v", bridges, err)
	}
	job, _, err := restclient.Do(t.Context(), client, ada, restclient.SingleJob("acme/shop", 3))
	if err != nil || job.Name != "test 2" || job.Pipeline == nil || job.Pipeline.IID == nil {
		t.Errorf("job: %+v, %v", job, err)
	}
	project, _, err := restclient.Do(t.Context(), client, ada, restclient.SingleProject("acme/shop"))
	if err != nil || project.ID != 1 || project.PathWithNamespace == nil || *project.PathWithNamespace != "acme/shop" {
		t.Errorf("project: %+v, %v", project, err)
	}
	pipeline, _, err := restclient.Do(t.Context(), client, ada, restclient.SinglePipeline("1", 6))
	if err != nil || pipeline.ID != 6 || pipeline.BeforeSHA == nil {
		t.Errorf("pipeline: %+v, %v", pipeline, err)
	}
	running := restclient.Credential{Header: restclient.HeaderJobToken, Value: "glcbt-deploy"}
	current, _, err := restclient.Do(t.Context(), client, running, restclient.CurrentJob())
	if err != nil || current.ID != runningJob {
		t.Errorf("current job: %+v, %v", current, err)
	}
	agents, _, err := restclient.Do(t.Context(), client, running, restclient.Agents())
	if err != nil || agents.Job.ID != runningJob || agents.User.Username != "ada" || len(agents.User.RolesInProject) == 0 {
		t.Errorf("agents: %+v, %v", agents, err)
	}
}

func TestARenamedProjectIsFoundAndAMissingOneSaysSo(t *testing.T) {
	client := simulated(t, fakegitlab.Newest)
	job, response, err := restclient.Do(t.Context(), client, ada, restclient.SingleJob("acme/store", 3))
	if err != nil || job.ID != 3 {
		t.Errorf("job %d, %+v, %v", job.ID, response, err)
	}
	cases := []struct {
		name string
		cred restclient.Credential
		get  restclient.Get[restclient.Job]
		want int
		text string
	}{
		{"another project", ada, restclient.SingleJob("acme/none", 3), 404, "404 Project Not Found"},
		{"another job", ada, restclient.SingleJob("1", 3000), 404, "404 Not found"},
		{"a trigger job", ada, restclient.SingleJob("1", 50), 404, "404 Not found"},
		{"nobody", restclient.Credential{}, restclient.SingleJob("1", 3), 401, "401 Unauthorized"},
		{"no job token", ada, restclient.CurrentJob(), 404, "404 Job Not Found"},
	}
	for _, c := range cases {
		_, _, err := restclient.Do(t.Context(), client, c.cred, c.get)
		status, ok := errors.AsType[*restclient.Error](err)
		if !ok || status.Status != c.want || !strings.HasSuffix(err.Error(), c.text) {
			t.Errorf("%s: %v, want %s", c.name, err, c.text)
		}
	}
}

func TestALogIsCutByNewReleasesAlone(t *testing.T) {
	for release, want := range map[fakegitlab.Release]string{
		fakegitlab.Newest:  longLog[2:5],
		fakegitlab.Older17: longLog,
	} {
		stream, err := simulated(t, release).Trace(t.Context(), ada, "1", 3, restclient.TraceRange{Offset: 2, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(stream)
		if err != nil || string(body) != want {
			t.Errorf("release %d sent %q, %v, want %q", release, body, err, want)
		}
		_ = stream.Close()
	}
}

func TestTriggerJobsOfEveryRelease(t *testing.T) {
	for _, release := range []fakegitlab.Release{fakegitlab.Newest, fakegitlab.Older19, fakegitlab.Older17} {
		client := simulated(t, release)
		for range 2 {
			get := restclient.PipelineBridges("1", 6, restclient.BridgesOptions{})
			list, _, err := restclient.Do(t.Context(), client, ada, get)
			if err != nil || len(list) != 1 || list[0].ID != 50 {
				t.Errorf("release %d: %+v, %v", release, list, err)
			}
		}
		_, _, err := restclient.Do(t.Context(), client, ada, restclient.PipelineBridges("1", 999, restclient.BridgesOptions{}))
		if status, ok := errors.AsType[*restclient.Error](err); !ok || status.Message != "404 Not found" {
			t.Errorf("release %d, a missing pipeline: %v", release, err)
		}
	}
}

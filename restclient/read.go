package restclient

import "slices"

// Get is one read: a path below /api/v4 with its query, and the type T of its JSON answer. Equal
// reads are equal values.
type Get[T any] struct {
	path    string
	invalid ArgumentError // what is wrong with the arguments; zero where nothing is
}

// Path is the escaped path and query, canonical and so fit for a cache key. It is "" where the
// arguments were refused.
func (g Get[T]) Path() string { return g.path }

// String is Path.
func (g Get[T]) String() string { return g.path }

// Err returns an [*ArgumentError] where the arguments name nothing that can be asked for, as an ID
// of 0 or a project of "..".
func (g Get[T]) Err() error {
	if g.invalid == (ArgumentError{}) {
		return nil
	}
	return &g.invalid
}

func get[T any](e *endpoint) Get[T] {
	if e.problem != nil {
		return Get[T]{invalid: *e.problem}
	}
	return Get[T]{path: e.string()}
}

// JobsOptions select and page a project's jobs. The zero value is the first 20 by offset.
type JobsOptions struct {
	Scope   []string // statuses, lower case; empty = all. Their order and repetitions do not matter
	Ref     string   // exactly this branch or tag (newer releases; older ones ignore it); "" = all
	Keyset  bool     // page by cursor: recommended, and needed past 50,000 jobs on some instances
	Cursor  string   // with Keyset: the page after (or before) this cursor; "" = the first page
	Page    int      // without Keyset: from 1; 0 = 1
	PerPage int      // up to 100; 0 = 20
}

// ProjectJobs lists a project's jobs, newest first. GitLab sends no totals.
//
// API: https://docs.gitlab.com/api/jobs/#list-project-jobs
func ProjectJobs(p ProjectID, o JobsOptions) Get[[]Job] {
	e := newEndpoint(p).then("jobs")
	if o.Keyset {
		e.param("pagination", "keyset").param("order_by", "id").param("sort", "desc")
		if o.Cursor != "" {
			e.param("cursor", o.Cursor)
		}
	} else {
		e.number("page", o.Page)
	}
	e.number("per_page", o.PerPage)
	if o.Ref != "" {
		e.param("ref", o.Ref)
	}
	return get[[]Job](e.scope(canonical(o.Scope)))
}

// PipelineJobsOptions select and page a pipeline's jobs. The zero value is the first 20 of the
// latest attempts.
type PipelineJobsOptions struct {
	Scope          []string // statuses, lower case; empty = all
	IncludeRetried bool     // also the attempts that were retried since
	Page           int      // from 1; 0 = 1
	PerPage        int      // up to 100; 0 = 20
}

// PipelineJobs lists a pipeline's jobs without its trigger jobs, newest first, with totals up to
// 10,000.
//
// API: https://docs.gitlab.com/api/jobs/#list-pipeline-jobs
func PipelineJobs(p ProjectID, pipeline int64, o PipelineJobsOptions) Get[[]Job] {
	e := newEndpoint(p).in("pipelines", pipeline).then("jobs")
	if o.IncludeRetried {
		e.param("include_retried", "true")
	}
	e.number("page", o.Page).number("per_page", o.PerPage)
	return get[[]Job](e.scope(canonical(o.Scope)))
}

// BridgesOptions select and page a pipeline's trigger jobs. The zero value is the first 20.
type BridgesOptions struct {
	Scope   []string // statuses, lower case; empty = all
	Page    int      // from 1; 0 = 1
	PerPage int      // up to 100; 0 = 20
}

// PipelineBridges lists a pipeline's trigger jobs, newest first, with totals up to 10,000. Its path
// has the name of current releases; [Client.Fetch] uses the older one if the instance supports no
// other.
//
// API: https://docs.gitlab.com/api/jobs/#list-pipeline-trigger-jobs
func PipelineBridges(p ProjectID, pipeline int64, o BridgesOptions) Get[[]Bridge] {
	e := newEndpoint(p).in("pipelines", pipeline).then("trigger_jobs")
	e.number("page", o.Page).number("per_page", o.PerPage)
	return get[[]Bridge](e.scope(canonical(o.Scope)))
}

// SingleJob reads one job. A trigger job's ID is not found here.
//
// API: https://docs.gitlab.com/api/jobs/#get-a-single-job
func SingleJob(p ProjectID, id int64) Get[Job] {
	return get[Job](newEndpoint(p).in("jobs", id))
}

// CurrentJob reads the job whose job token the credential is; any other credential finds none.
//
// API: https://docs.gitlab.com/api/jobs/#get-job-tokens-job
func CurrentJob() Get[Job] { return Get[Job]{path: "/job"} }

// Agents reads the agents that the job whose token the credential is may use.
//
// API: https://docs.gitlab.com/api/jobs/#get-gitlab-agent-by-ci_job_token
func Agents() Get[AllowedAgents] { return Get[AllowedAgents]{path: "/job/allowed_agents"} }

// SingleProject reads one project.
//
// API: https://docs.gitlab.com/api/projects/#get-a-single-project
func SingleProject(p ProjectID) Get[Project] { return get[Project](newEndpoint(p)) }

// PipelinesOptions select and page a project's pipelines. The zero value is the first 20.
type PipelinesOptions struct {
	Status        string // one status, lower case; "" = all
	Ref           string // exactly this branch or tag; "" = all
	SHA           string // exactly this commit; "" = all
	Source        string // what started them; "" = all but child pipelines
	Username      string // who started them; "" = all
	UpdatedAfter  string // an RFC 3339 time; "" = no bound
	UpdatedBefore string // an RFC 3339 time; "" = no bound
	Page          int    // from 1; 0 = 1
	PerPage       int    // up to 100; 0 = 20
}

// Pipelines lists a project's pipelines as stubs, newest first, with totals up to 10,000. Child
// pipelines are left out unless Source is "parent_pipeline".
//
// API: https://docs.gitlab.com/api/pipelines/#list-project-pipelines
func Pipelines(p ProjectID, o PipelinesOptions) Get[[]Pipeline] {
	e := newEndpoint(p).then("pipelines")
	for _, filter := range []struct{ name, value string }{
		{"status", o.Status}, {"ref", o.Ref}, {"sha", o.SHA}, {"source", o.Source}, {"username", o.Username},
		{"updated_after", o.UpdatedAfter}, {"updated_before", o.UpdatedBefore},
	} {
		if filter.value != "" {
			e.param(filter.name, filter.value)
		}
	}
	e.number("page", o.Page).number("per_page", o.PerPage)
	return get[[]Pipeline](e)
}

// LatestPipeline reads the latest pipeline of the newest commit on a branch or tag, of the default
// branch where ref is "". GitLab answers 403 where that commit has none.
//
// API: https://docs.gitlab.com/api/pipelines/#get-the-latest-pipeline
func LatestPipeline(p ProjectID, ref string) Get[Pipeline] {
	e := newEndpoint(p).then("pipelines").then("latest")
	if ref != "" {
		e.param("ref", ref)
	}
	return get[Pipeline](e)
}

// SinglePipeline reads one pipeline whole.
//
// API: https://docs.gitlab.com/api/pipelines/#get-a-single-pipeline
func SinglePipeline(p ProjectID, id int64) Get[Pipeline] {
	return get[Pipeline](newEndpoint(p).in("pipelines", id))
}

// canonical sorts the statuses and drops repetitions, so that one set has one path.
func canonical(scope []string) []string {
	if len(scope) < 2 {
		return scope
	}
	sorted := slices.Clone(scope)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

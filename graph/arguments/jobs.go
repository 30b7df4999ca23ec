package arguments

import (
	"context"
	"slices"
	"strings"

	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Jobs reads the arguments that the lists of jobs have in common.
func Jobs(
	ctx context.Context, page relay.Arguments, statuses []model.JobStatus, filter *model.JobFilter,
) (loader.JobsQuery, error) {
	scope, err := Statuses(statuses)
	if err != nil {
		return loader.JobsQuery{}, err
	}
	keep, err := matcher(ctx, filter)
	return loader.JobsQuery{Page: page, Scope: scope, Keep: keep, Sparse: keep != nil}, err
}

// Statuses returns GitLab's spelling of statuses.
func Statuses(statuses []model.JobStatus) ([]string, error) { return words(statuses) }

// Pipelines reads the arguments of the list of a project's pipelines; of narrows it but for the
// statuses and the page.
func Pipelines(
	page relay.Arguments, statuses []model.PipelineStatus, of restclient.PipelinesOptions,
) (loader.PipelinesQuery, error) {
	scope, err := pipelineStatuses(statuses)
	return loader.PipelinesQuery{Page: page, Select: of, Statuses: scope}, err
}

// pipelineStatuses returns GitLab's spelling of statuses, sorted and without duplicates. It returns
// none if all statuses are requested.
func pipelineStatuses(statuses []model.PipelineStatus) ([]string, error) {
	all, err := words(statuses)
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == len(model.Statuses) {
		all = nil
	}
	return all, err
}

func words[S interface{ REST() (string, bool) }](statuses []S) ([]string, error) {
	words := make([]string, len(statuses))
	for i, s := range statuses {
		word, ok := s.REST()
		if !ok {
			return nil, Wrong("statuses", "UNKNOWN is no status that GitLab can be asked for")
		}
		words[i] = word
	}
	return words, nil
}

// OnRef narrows q to the jobs of pipelines for a branch or tag. Older releases of GitLab ignore the
// REST parameter, so the rows are filtered too.
func OnRef(q loader.JobsQuery, ref string) loader.JobsQuery {
	keep := q.Keep
	q.Ref = ref
	q.Keep = func(j *model.Job) bool { return isOnRef(j, ref) && (keep == nil || keep(j)) }
	return q
}

func isOnRef(j *model.Job, ref string) bool {
	if j.Job.Pipeline != nil && j.Job.Pipeline.Ref != nil {
		return *j.Job.Pipeline.Ref == ref
	}
	return string(j.Ref) == ref
}

// matcher returns the function that reports whether a job passes a filter, or nil if every job
// does. An empty list does not filter.
func matcher(ctx context.Context, f *model.JobFilter) (func(*model.Job) bool, error) {
	if f == nil {
		return nil, nil
	}
	var tests []func(*model.Job) bool
	add := func(test func(*model.Job) bool) { tests = append(tests, test) }
	if f.Name != nil {
		add(func(j *model.Job) bool { return string(j.Name) == *f.Name })
	}
	if f.NamePattern != nil {
		pattern, err := loader.For(ctx).Patterns.Compile(*f.NamePattern)
		if err != nil {
			return nil, Wrong("filter.namePattern", err.Error())
		}
		add(func(j *model.Job) bool { return pattern.Match(string(j.Name)) })
	}
	if len(f.Stages) > 0 {
		add(func(j *model.Job) bool { return slices.Contains(f.Stages, j.Stage) })
	}
	for _, tag := range f.Tags {
		add(func(j *model.Job) bool { return slices.Contains(j.TagList, tag) })
	}
	if len(f.FailureReasons) > 0 {
		add(func(j *model.Job) bool {
			return j.FailureReason != nil && slices.Contains(f.FailureReasons, *j.FailureReason)
		})
	}
	if f.AllowFailure != nil {
		add(func(j *model.Job) bool { return j.AllowFailure == *f.AllowFailure })
	}
	if f.RunnerID != nil {
		runner, err := runnerNumber(*f.RunnerID)
		if err != nil {
			return nil, err
		}
		add(func(j *model.Job) bool { return j.Job.Runner != nil && j.Job.Runner.ID == runner })
	}
	if tests == nil {
		return nil, nil
	}
	return func(j *model.Job) bool {
		return !slices.ContainsFunc(tests, func(test func(*model.Job) bool) bool { return !test(j) })
	}, nil
}

func runnerNumber(value string) (int64, error) {
	const argument = "filter.runnerId"
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := ID(argument, value, gid.KindRunner)
		return id.Number, err
	}
	n, err := gid.Number(value)
	if err != nil {
		return 0, Wrong(argument, "must be a runner's number or global ID")
	}
	return n, nil
}

package graph

import (
	"context"
	"slices"
	"strings"

	"jobgraph/graph/address"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
)

// scope is GitLab's spelling of the statuses that are asked for.
func scope(statuses []model.JobStatus) ([]string, error) {
	words := make([]string, len(statuses))
	for i, s := range statuses {
		word, ok := s.REST()
		if !ok {
			return nil, badInput("statuses", "UNKNOWN is no status that GitLab can be asked for")
		}
		words[i] = word
	}
	return words, nil
}

// keeper returns a filter's test; nil where it keeps every job. An empty list does not filter.
func keeper(ctx context.Context, f *model.JobFilter) (func(*model.Job) bool, error) {
	if f == nil {
		return nil, nil
	}
	var tests []func(*model.Job) bool
	add := func(test func(*model.Job) bool) { tests = append(tests, test) }
	if f.Name != nil {
		add(func(j *model.Job) bool { return j.Name == *f.Name })
	}
	if f.NamePattern != nil {
		pattern, err := loader.For(ctx).Patterns.Compile(*f.NamePattern)
		if err != nil {
			return nil, badInput("filter.namePattern", err.Error())
		}
		add(func(j *model.Job) bool { return pattern.Match(j.Name) })
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
	if strings.HasPrefix(value, gid.Prefix) {
		id, err := address.ID("filter.runnerId", value, gid.KindRunner)
		return id.Number, err
	}
	n, err := gid.Number(value)
	if err != nil {
		return 0, badInput("filter.runnerId", "must be a runner's number or global ID")
	}
	return n, nil
}

// onRef is the test for jobs of pipelines for a branch or tag, for releases of GitLab that do not select them.
func onRef(ref string) func(*model.Job) bool {
	return func(j *model.Job) bool {
		if j.Job.Pipeline != nil && j.Job.Pipeline.Ref != nil {
			return *j.Job.Pipeline.Ref == ref
		}
		return j.Ref == ref
	}
}

// both is the test that holds where two tests hold; a nil test holds always.
func both(a, b func(*model.Job) bool) func(*model.Job) bool {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return func(j *model.Job) bool { return a(j) && b(j) }
}

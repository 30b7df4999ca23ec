package loader

import (
	"context"
	"net/http"

	"github.com/graph-gophers/dataloader/v7"

	"jobgraph/graph/model"
	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// Project loads a project: one call, or none if the query also selects it by its path.
func (l *Request) Project(ctx context.Context, p *model.Project) (restclient.Project, error) {
	if p.Number != 0 {
		for _, path := range l.projectsByPath(ctx) {
			if known, err := load(ctx, l, restclient.SingleProject(path)); err == nil && known.ID == p.Number {
				return known, nil
			}
		}
	}
	return load(ctx, l, restclient.SingleProject(p.REST()))
}

// ProjectNumber returns a project's number: without a call if it is known, by one call if only the
// path is.
func (l *Request) ProjectNumber(ctx context.Context, p *model.Project) (int64, error) {
	if p.Number != 0 {
		return p.Number, nil
	}
	whole, err := l.Project(ctx, p)
	return whole.ID, err
}

// Pipeline loads a pipeline with all its fields: one call.
func (l *Request) Pipeline(ctx context.Context, in *model.Project, id int64) (*model.Pipeline, error) {
	whole, err := load(ctx, l, restclient.SinglePipeline(in.REST(), id))
	if err != nil {
		return nil, err
	}
	if whole.ProjectID != nil {
		in = &model.Project{Number: *whole.ProjectID}
	}
	return &model.Pipeline{Pipeline: &whole, In: in, Whole: true}, nil
}

// jobKey is a job's address: its number within the project that it is selected from.
type jobKey struct {
	project restclient.ProjectID
	id      int64
}

type jobAnswer struct {
	job *model.Job
	err error
}

// Job loads a job: no call if the list that led to the project has it, otherwise one.
func (l *Request) Job(ctx context.Context, in *model.Project, id int64) (*model.Job, error) {
	for _, row := range in.Rows {
		if row.DatabaseID() == id && row.In.Number == in.Number {
			return row, nil
		}
	}
	a, err := l.dataloaders().jobs.Load(ctx, jobKey{in.REST(), id})()
	if err != nil {
		return nil, err
	}
	return a.job, a.err
}

// loadJobs is the batch function of jobs: those that a list of the same request has are taken from
// there, the others are fetched in parallel.
func (l *Request) loadJobs(ctx context.Context, keys []jobKey) []*dataloader.Result[jobAnswer] {
	results := make([]*dataloader.Result[jobAnswer], len(keys))
	var group fanout.Group
	for i, key := range keys {
		group.Go(func() {
			job, err := l.loadJob(ctx, key)
			results[i] = &dataloader.Result[jobAnswer]{Data: jobAnswer{job, err}}
		})
	}
	group.Wait()
	return results
}

func (l *Request) loadJob(ctx context.Context, key jobKey) (*model.Job, error) {
	in := model.AddressedProject(key.project)
	for _, path := range l.JobLists(ctx, key.project) {
		list, _, err := l.jobReader(in)(ctx, path)
		if err != nil {
			continue // an error of the field that selects the list
		}
		for _, row := range list {
			if row.DatabaseID() == key.id {
				return row, nil
			}
		}
	}
	job, err := load(ctx, l, restclient.SingleJob(key.project, key.id))
	if err != nil {
		return nil, err
	}
	return l.single(ctx, in, &job)
}

// Bridge finds a trigger job in the list of its pipeline, for the REST API has no call for one.
func (l *Request) Bridge(ctx context.Context, in *model.Project, pipeline, id int64) (*model.Bridge, error) {
	all, err := l.AllBridges(ctx, &model.Pipeline{Pipeline: &restclient.Pipeline{ID: pipeline}, In: in})
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.DatabaseID() == id {
			return b, nil
		}
	}
	return nil, errNoBridge
}

// errNoBridge is the error of a trigger job that is not in its pipeline's list, as GitLab words it.
var errNoBridge = &restclient.Error{Status: http.StatusNotFound, Message: "404 Not found"}

// JobLists returns the paths of the lists of a project's jobs that the request reads in any case.
func (l *Request) JobLists(ctx context.Context, project restclient.ProjectID) []string {
	l.findLists.Do(func() {
		if l.config.JobLists != nil {
			l.jobLists = l.config.JobLists(ctx)
		}
	})
	return l.jobLists[project]
}

// projectsByPath returns the paths of the projects that the request fetches by their path in any
// case.
func (l *Request) projectsByPath(ctx context.Context) []restclient.ProjectID {
	l.findProjects.Do(func() {
		if l.config.ProjectsByPath != nil {
			l.projectPaths = l.config.ProjectsByPath(ctx)
		}
	})
	return l.projectPaths
}

// CurrentJob loads the job of the request's job token: one call.
func (l *Request) CurrentJob(ctx context.Context) (*model.Job, error) {
	job, err := load(ctx, l, restclient.CurrentJob())
	if err != nil {
		return nil, err
	}
	return l.single(ctx, &model.Project{}, &job)
}

// AllowedAgents loads what the request's job token may use: one call.
func (l *Request) AllowedAgents(ctx context.Context) (*model.AllowedAgents, error) {
	agents, err := load(ctx, l, restclient.Agents())
	if err != nil {
		return nil, err
	}
	return &model.AllowedAgents{AllowedAgents: &agents}, nil
}

// single returns the graph's job of a REST job that is not part of a list.
func (l *Request) single(ctx context.Context, in *model.Project, job *restclient.Job) (*model.Job, error) {
	number, err := l.numberOf(ctx, in, job.Pipeline)
	if err != nil {
		return nil, err
	}
	return &model.Job{Job: job, In: &model.Project{Number: number}}, nil
}

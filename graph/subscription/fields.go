package subscription

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/arguments"
	"jobgraph/graph/gid"
	"jobgraph/graph/loader"
	"jobgraph/graph/logs"
	"jobgraph/graph/model"
	"jobgraph/internal/live"
	"jobgraph/restclient"
)

// feed connects a run with the field that it executes.
type feed struct {
	engine     *live.Engine
	credential restclient.Credential
	notify     func()

	// The resolver sets these.
	source *live.Subscription
	start  int64 // the position of the beginning
	log    bool  // positions are bytes, and none is skipped
	push   func(live.Event)
	field  *graphql.FieldContext
}

type feedKey struct{}

func withFeed(ctx context.Context, f *feed) context.Context {
	return context.WithValue(ctx, feedKey{}, f)
}

// attach connects a field with what it watches. The channel takes one event at a time, which is
// executed before the next one comes. The executor leaves an event in it when its context has
// ended: the next event replaces that one.
func attach[T any](ctx context.Context, f *feed, source *live.Subscription, err error,
	value func(live.Event) T) (<-chan T, error) {
	if err != nil {
		return nil, err
	}
	events := make(chan T, 1)
	f.source, f.field = source, graphql.GetFieldContext(ctx)
	f.push = func(e live.Event) {
		select {
		case <-events:
		default:
		}
		events <- value(e)
	}
	return events, nil
}

// feedOf returns the feed of the run that dispatches an operation, or nil if a subscriber does.
func feedOf(ctx context.Context) *feed {
	f, _ := ctx.Value(feedKey{}).(*feed)
	return f
}

// JobUpdated watches a job or trigger job.
func JobUpdated(ctx context.Context, id string) (<-chan model.Processable, error) {
	f := feedOf(ctx)
	job, err := arguments.NumberedID(ctx, "id", id, gid.KindJob, gid.KindBridge)
	if err != nil {
		return nil, err
	}
	var source *live.Subscription
	if job.Kind == gid.KindBridge {
		source, err = f.engine.OpenBridge(ctx, f.credential, job.Project, job.Pipeline, job.Number, f.notify)
	} else {
		source, err = f.engine.OpenJob(ctx, f.credential, job.Project, job.Number, f.notify)
	}
	l, in := loader.For(ctx), &model.Project{Number: job.Project}
	return attach(ctx, f, source, err, func(e live.Event) model.Processable {
		return processable(l, e.Item, in, job.Pipeline)
	})
}

// processable returns the graph's object for a job or trigger job. A trigger job without a pipeline
// of its own belongs to the one it was listed in.
func processable(l *loader.Request, i *live.Item, in *model.Project, pipeline int64) model.Processable {
	if i.Bridge != nil {
		return l.NewBridge(i.Bridge, in.Number, pipeline)
	}
	return &model.Job{Job: i.Job, In: in}
}

// PipelineUpdated watches a pipeline with its jobs.
func PipelineUpdated(ctx context.Context, id string) (<-chan *model.PipelineUpdate, error) {
	f := feedOf(ctx)
	pipeline, err := arguments.NumberedID(ctx, "id", id, gid.KindPipeline)
	if err != nil {
		return nil, err
	}
	source, err := f.engine.OpenPipeline(ctx, f.credential, pipeline.Project, pipeline.Number, f.notify)
	l, in := loader.For(ctx), &model.Project{Number: pipeline.Project}
	return attach(ctx, f, source, err, func(e live.Event) *model.PipelineUpdate {
		u := &model.PipelineUpdate{Pipeline: model.NewPipeline(e.Pipeline, in),
			ChangedJobs: make([]model.Processable, len(e.Items))}
		for i, item := range e.Items {
			u.ChangedJobs[i] = processable(l, item, in, pipeline.Number)
		}
		return u
	})
}

// ProjectJobsUpdated watches a project's newest jobs.
func ProjectJobsUpdated(ctx context.Context, id string, statuses []model.JobStatus,
	ref *string) (<-chan *model.ProjectJobsUpdate, error) {
	f := feedOf(ctx)
	project, err := arguments.Project("id", id)
	if err != nil {
		return nil, err
	}
	scope, err := arguments.Statuses(statuses)
	if err != nil {
		return nil, err
	}
	number, err := loader.For(ctx).ProjectNumber(ctx, project)
	if err != nil {
		return nil, err
	}
	onRef := ""
	if ref != nil {
		onRef = *ref
	}
	source, err := f.engine.OpenProjectJobs(ctx, f.credential, number, scope, onRef, f.notify)
	return attach(ctx, f, source, err, func(e live.Event) *model.ProjectJobsUpdate {
		in := &model.Project{Number: number}
		u := &model.ProjectJobsUpdate{Project: in, ChangedJobs: make([]*model.Job, len(e.Items))}
		for i, item := range e.Items {
			u.ChangedJobs[i] = &model.Job{Job: item.Job, In: in}
		}
		return u
	})
}

// JobLogAppended follows a job's log.
func JobLogAppended(ctx context.Context, id string, fromByte *int64) (<-chan *logs.Chunk, error) {
	f := feedOf(ctx)
	job, err := arguments.NumberedID(ctx, "id", id, gid.KindJob)
	if err != nil {
		return nil, err
	}
	if fromByte != nil {
		f.start = *fromByte
	}
	if f.start < 0 {
		return nil, arguments.Wrong("fromByte", "must not be negative")
	}
	f.log = true
	source, err := f.engine.OpenLog(ctx, f.credential, job.Project, job.Number, f.start, f.notify)
	return attach(ctx, f, source, err, func(e live.Event) *logs.Chunk {
		return &logs.Chunk{FromByte: e.Chunk.From, ToByte: e.Chunk.To, Bytes: e.Chunk.Bytes, Complete: e.Chunk.Complete}
	})
}

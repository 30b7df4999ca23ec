package live

import (
	"cmp"
	"context"

	"go.opentelemetry.io/otel/trace"

	"jobgraph/restclient"
)

// Event is a change that a subscription delivers.
type Event struct {
	Position int64 // where the subscription stands after it: a version, or a byte of a log
	Last     bool  // nothing will follow

	Item     *Item                // of a job: its new state
	Pipeline *restclient.Pipeline // of a pipeline: its state, with the jobs that changed in Items
	Items    []*Item
	Chunk    *Chunk // of a log

	// Brought returns responses that the read which found the event has fetched.
	Brought func(path string) (*restclient.Response, bool)
	// Poll is the span of the last read that found a change; invalid where there is none.
	Poll trace.SpanContext
}

// feed is the part of a watch that a subscription is for.
type feed interface {
	// ready reports whether enough was read to begin with.
	ready() bool
	// next returns what followed a position; false where nothing did.
	next(after int64) (Event, bool, error)
	// want adds the subscription (1) to what its topic has to read, or removes it (-1).
	want(t *topic, by int)
}

// Subscription is one consumer's view of a watch.
type Subscription struct {
	watch  *watch
	feed   feed
	notify func()
	closed bool
}

// Next returns what followed a position, 0 (or, of a log, the byte to begin at) being the
// beginning. It does not wait: it returns false if nothing followed, and notify is called when
// something does. The error is the reason why the subscription has ended.
func (s *Subscription) Next(after int64) (Event, bool, error) {
	e := s.watch.topic.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.closed {
		return Event{}, false, ErrClosed
	}
	if err := s.watch.ended; err != nil {
		return Event{}, false, err
	}
	event, found, err := s.feed.next(after)
	event.Poll = s.watch.found
	return event, found, err
}

// End returns the known length of a log, and 0 for other topics.
func (s *Subscription) End() int64 {
	e := s.watch.topic.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, isLog := s.watch.content.(*logContent); isLog {
		return c.end
	}
	return 0
}

// Close ends the subscription. The watch ends with the last one.
func (s *Subscription) Close() {
	e := s.watch.topic.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	s.close()
}

func (s *Subscription) close() {
	if s.closed {
		return
	}
	s.closed = true
	w := s.watch
	s.feed.want(w.topic, -1)
	delete(w.subscriptions, s)
	if len(w.subscriptions) == 0 {
		w.end(ErrClosed)
	}
}

// subscribe adds a subscription to a watch. notify must neither block nor call the engine.
func (w *watch) subscribe(f feed, notify func()) *Subscription {
	s := &Subscription{watch: w, feed: f, notify: notify}
	f.want(w.topic, 1)
	w.subscriptions[s] = struct{}{}
	return s
}

// await waits, with the lock given back meanwhile, until the subscription's watch has read enough,
// and whatever it skipped before.
// A subscription that fails is closed.
func (s *Subscription) await(ctx context.Context) error {
	w := s.watch
	e := w.topic.engine
	for range maxFirstReads {
		if s.feed.ready() && !w.skipped {
			return nil
		}
		if !w.reading {
			w.read(checking, nil)
		}
		finished := w.finished()
		e.mu.Unlock()
		select {
		case <-finished:
		case <-ctx.Done():
		}
		e.mu.Lock()
		switch {
		case w.ended != nil:
			s.close()
			return w.ended
		case ctx.Err() != nil:
			s.close()
			return context.Cause(ctx)
		case w.lastErr != nil && s.feed.ready():
			return nil // it is read again
		case w.lastErr != nil:
			err := w.lastErr
			s.close()
			return err
		}
	}
	s.close()
	return &restclient.InvalidError{Reason: restclient.InvalidShape}
}

// maxFirstReads is how many reads a new subscription waits for: one may be in flight that does not
// fit it.
const maxFirstReads = 3

// OpenPipeline subscribes to a pipeline with its jobs and trigger jobs: all of them at first, then
// those that have changed.
func (e *Engine) OpenPipeline(ctx context.Context, credential restclient.Credential, project, pipeline int64,
	notify func()) (*Subscription, error) {
	return e.open(ctx, credential, topicKey{Topic: Topic{Pipeline, project, pipeline}}, newPipelineContent, notify,
		func(w *watch) feed {
			return &pipelineFeed{w.content.(*pipelineContent)}
		})
}

// OpenBridge subscribes to a trigger job of a pipeline.
func (e *Engine) OpenBridge(ctx context.Context, credential restclient.Credential, project, pipeline,
	bridge int64, notify func()) (*Subscription, error) {
	s, err := e.open(ctx, credential, topicKey{Topic: Topic{Pipeline, project, pipeline}}, newPipelineContent,
		notify, func(w *watch) feed {
			return &jobFeed{content: w.content.(*pipelineContent), job: bridge, bridge: true}
		})
	if err != nil {
		return nil, err
	}
	if _, found, err := s.Next(0); !found {
		s.Close()
		return nil, cmp.Or(err, errNoBridge)
	}
	return s, nil
}

// errNoBridge reports that a pipeline has no such trigger job.
var errNoBridge error = &restclient.Error{Status: 404, Message: "404 Not found"}

// OpenProjectJobs subscribes to a project's newest jobs, of some statuses (in GitLab's words; nil
// for all) or of one ref.
func (e *Engine) OpenProjectJobs(ctx context.Context, credential restclient.Credential, project int64,
	scope []string, ref string, notify func()) (*Subscription, error) {
	key := topicKey{Topic: Topic{ProjectJobs, project, 0}, scope: joinScope(scope), ref: ref}
	return e.open(ctx, credential, key, newProjectContent, notify,
		func(w *watch) feed { return &projectFeed{w.content.(*projectContent)} })
}

func (e *Engine) open(ctx context.Context, credential restclient.Credential, key topicKey,
	make func(*watch) content, notify func(), about func(*watch) feed) (*Subscription, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.account(credential)
	w, err := e.watch(key, a, make)
	if err != nil {
		e.release(a)
		return nil, err
	}
	s := w.subscribe(about(w), notify)
	if err := s.await(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// OpenJob subscribes to a job. Its first state is read by a call of its own, unless a watch with
// the same credential has it; from then on the job is read with its pipeline.
func (e *Engine) OpenJob(ctx context.Context, credential restclient.Credential, project, job int64,
	notify func()) (*Subscription, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.account(credential)
	for key, w := range a.watches {
		c, isPipeline := w.content.(*pipelineContent)
		if isPipeline && key.Project == project && w.ended == nil && !w.skipped {
			if known, found := find(c.entries, job); found && known.item.Job != nil {
				return w.subscribe(&jobFeed{content: c, job: job}, notify), nil
			}
		}
	}
	a.opening++
	r := &reading{engine: e, credential: credential}
	e.mu.Unlock()
	item, err := r.single(ctx, project, job)
	e.mu.Lock()
	a.opening--
	defer e.release(a)
	if err != nil {
		return nil, err
	}
	if item.stub == nil {
		return nil, &restclient.InvalidError{Reason: restclient.InvalidShape}
	}
	if item.stub.ProjectID != nil {
		project = *item.stub.ProjectID
	}
	w, err := e.watch(topicKey{Topic: Topic{Pipeline, project, item.stub.ID}}, a, newPipelineContent)
	if err != nil {
		return nil, err
	}
	c := w.content.(*pipelineContent)
	s := w.subscribe(&jobFeed{content: c, job: job}, notify)
	seen, skipped, lagging := w.seen, w.skipped, w.seen > 0 && w.seen < w.topic.version
	w.finish(woken, w.topic.version, trace.SpanContext{}, func() change {
		return c.apply(&pipelinePlan{}, &pipelineRead{singles: []*Item{item}, pipeline: item.stub})
	}, nil)
	if w.skipped = skipped; lagging {
		w.seen = seen // only the one job was read
	}
	return s, nil
}

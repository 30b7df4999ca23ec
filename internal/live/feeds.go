package live

import "jobgraph/restclient"

func newPipelineContent(w *watch) content { return &pipelineContent{jobList: jobList{watch: w}} }

// pipelineFeed is a pipeline with its jobs.
type pipelineFeed struct{ content *pipelineContent }

func (f *pipelineFeed) want(t *topic, by int) { t.whole += by }

func (f *pipelineFeed) ready() bool {
	c := f.content
	return c.listed && c.bridged && c.pipeline != nil
}

func (f *pipelineFeed) next(after int64) (Event, bool, error) {
	c := f.content
	if c.version <= after {
		return Event{}, false, nil
	}
	event := Event{Position: c.version, Pipeline: c.pipeline, Last: isFinished(c.pipeline.Status), Brought: c.brought()}
	for _, e := range c.entries {
		if e.changed > after && e.listed {
			event.Items = append(event.Items, e.item)
		}
	}
	return event, true, nil
}

// brought returns the responses that were read of the pipeline.
func (c *pipelineContent) brought() func(string) (*restclient.Response, bool) {
	lists, whole := brought(c.pages), c.whole
	path := restclient.SinglePipeline(projectID(c.watch.topic.key.Project), c.watch.topic.key.ID).Path()
	return func(asked string) (*restclient.Response, bool) {
		if asked == path && whole != nil {
			return &restclient.Response{Status: whole.Status, Body: whole.Body}, true
		}
		return lists(asked)
	}
}

// jobFeed is one job or trigger job of a pipeline.
type jobFeed struct {
	content *pipelineContent
	job     int64
	bridge  bool
}

func (f *jobFeed) want(t *topic, by int) {
	t.wanted[f.job] += by
	if t.wanted[f.job] == 0 {
		delete(t.wanted, f.job)
	}
	if f.bridge {
		t.bridges += by
	}
}

// ready also reports true if the pipeline does not have the trigger job.
func (f *jobFeed) ready() bool {
	_, found := find(f.content.entries, f.job)
	return found || f.bridge && f.content.bridged
}

func (f *jobFeed) next(after int64) (Event, bool, error) {
	e, found := find(f.content.entries, f.job)
	if !found || e.changed <= after {
		return Event{}, false, nil
	}
	return Event{Position: e.changed, Item: e.item, Last: isFinished(e.item.status), Brought: f.brought(e.item)}, true, nil
}

// brought returns the response that is the job itself.
func (f *jobFeed) brought(item *Item) func(string) (*restclient.Response, bool) {
	lists := f.content.brought()
	path := restclient.SingleJob(projectID(f.content.watch.topic.key.Project), f.job).Path()
	return func(asked string) (*restclient.Response, bool) {
		if asked == path && item.Job != nil {
			return &restclient.Response{Status: 200, Body: item.raw}, true
		}
		return lists(asked)
	}
}

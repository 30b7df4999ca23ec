package live

import (
	"context"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// chunkBytes is the most of a log that one event brings.
const chunkBytes = 64 << 10

// Chunk is a part of a log. Chunks of one subscription join without a gap.
type Chunk struct {
	From, To int64
	Bytes    []byte
	Complete bool // the log ends here
}

// logFeed is a log from a byte on.
type logFeed struct {
	content *logContent
}

func (f *logFeed) want(*topic, int) {}

func (f *logFeed) ready() bool { return f.content.known }

// next returns the bytes from a place on, as far as they are kept and end with a whole character.
func (f *logFeed) next(after int64) (Event, bool, error) {
	c := f.content
	if after > c.end {
		if c.complete {
			return Event{}, false, &ReplacedError{}
		}
		c.readMore(after)
		return Event{}, false, nil
	}
	data := c.gather(after)
	if after < c.end && data == nil {
		c.fetch(after)
		return Event{}, false, nil
	}
	to := after + int64(len(data))
	last := c.complete && to == c.end
	if !last {
		data = data[:joblog.WholeCharacters(data)]
		to = after + int64(len(data))
	}
	c.readMore(to)
	if len(data) == 0 && !last {
		return Event{}, false, nil
	}
	return Event{Position: to, Last: last, Chunk: &Chunk{From: after, To: to, Bytes: data, Complete: last}}, true, nil
}

// readMore reads on where a read was cut short and a consumer has come near its end.
func (c *logContent) readMore(to int64) {
	if c.more && c.end-to < 2*blockSize && !c.watch.reading {
		c.watch.read(woken, nil)
	}
}

// gather copies the bytes from a place on that are kept without a gap; nil where none are.
func (c *logContent) gather(from int64) []byte {
	var data []byte
	for int64(len(data)) < chunkBytes && from < c.end {
		part := c.watch.topic.engine.blocks.get(c, from)
		if part == nil {
			break
		}
		part = part[:min(int64(len(part)), chunkBytes-int64(len(data)), c.end-from)]
		data = append(data, part...)
		from += int64(len(part))
	}
	return data
}

// OpenLog subscribes to a job's log, from a byte on. Next begins at that byte.
func (e *Engine) OpenLog(ctx context.Context, credential restclient.Credential, project, job, from int64,
	notify func()) (*Subscription, error) {
	var log *logContent
	ofJob, err := e.OpenJob(ctx, credential, project, job, func() {
		if log != nil {
			log.jobChanged()
		}
	})
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	project = ofJob.watch.topic.key.Project
	w, err := e.watch(topicKey{Topic: Topic{Log, project, job}}, e.account(credential), func(w *watch) content {
		log = &logContent{watch: w, job: ofJob, end: from}
		return log
	})
	if err != nil || log == nil { // the existing watch has a subscription of its own to the job
		ofJob.close()
	}
	if err != nil {
		return nil, err
	}
	s := w.subscribe(&logFeed{w.content.(*logContent)}, notify)
	if err := s.await(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

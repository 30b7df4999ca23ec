package live

import (
	"bytes"
	"context"
	"io"
	"time"

	"jobgraph/restclient"
)

const (
	tailBytes     = 4 << 10       // of the end of a log, to detect one that was replaced
	rangeBytes    = 512_000       // of a log in one call, as many as GitLab sends
	wholeBytes    = 4 << 20       // the same where each call sends the whole log
	regionBytes   = 4 * blockSize // what one call brings of an earlier part
	finishTries   = 3             // reads after a job's end before its archived log is not waited for any longer
	finishedLong  = time.Minute   // a job that ended longer ago has no more to come
	recheckOffset = time.Hour     // before a release that ignored byte_offset is tried again
)

// logContent is a job's log: how long it is, and what is kept of it among the engine's blocks.
type logContent struct {
	watch *watch
	job   *Subscription // its end is the log's

	end      int64 // bytes that are known
	known    bool  // a read has found the end, or bytes up to here
	more     bool  // the last read was cut short: more is there
	tail     []byte
	finished int // reads since the job has ended that found the archived log missing
	complete bool
	fetching map[int64]bool // regions that are being read again
}

func (c *logContent) view() view {
	v := view{weight: c.end, states: uint64(c.end), details: uint64(c.end) << 1}
	if c.complete {
		v.details |= 1
	}
	return v
}

func (c *logContent) wants(change) bool { return true }
func (c *logContent) bytes() int64      { return tailBytes }

func (c *logContent) close() {
	c.watch.topic.engine.blocks.drop(c)
	if c.job != nil {
		c.job.close()
	}
}

// item is the job as it is known.
func (c *logContent) item() *Item {
	event, _, _ := c.job.feed.next(0)
	return event.Item
}

// jobChanged reads the log when its job moves, and ends with the job's own watch. It is called with
// the lock held.
func (c *logContent) jobChanged() {
	if err := c.job.watch.ended; err != nil {
		c.watch.end(err)
		return
	}
	if c.watch.ended == nil {
		c.watch.topic.wake()
	}
}

// logPlan is one read of a log.
type logPlan struct {
	*reading
	project, job int64
	from         int64
	resumed      bool // from was given by a consumer: nothing before it was read here
	tail         []byte
	finished     bool
	tries        int
}

// logRead is what it has brought.
type logRead struct {
	data     []byte
	more     bool
	tail     []byte
	complete bool
}

// plan reads what follows the bytes that are known. A job that has not begun has no log, and costs
// no call.
func (c *logContent) plan() read {
	key, item := c.watch.topic.key, c.item()
	if item == nil || rank(item.status) < 2 && !isFinished(item.status) || c.complete {
		return func(context.Context) (func() change, error) {
			return func() change { c.known = true; return change{} }, nil
		}
	}
	p := logPlan{
		reading: &reading{engine: c.watch.topic.engine, credential: c.watch.account.credential},
		project: key.Project, job: key.ID, from: c.end, resumed: !c.known && c.end > 0, tail: c.tail,
		finished: isFinished(item.status), tries: c.finished,
	}
	return func(ctx context.Context) (func() change, error) {
		r, err := p.run(ctx)
		if err != nil {
			return nil, err
		}
		return func() change { return c.apply(&p, r) }, nil
	}
}

func (p *logPlan) run(ctx context.Context) (*logRead, error) {
	r, from := &logRead{tail: p.tail}, p.from
	if p.resumed {
		from-- // the byte before shows that the log is that long
	}
	data, more, err := p.readRange(ctx, p.project, p.job, from, 0)
	if err != nil {
		return nil, err
	}
	if p.resumed {
		if len(data) == 0 {
			return nil, &ReplacedError{}
		}
		r.tail, data = data[:1:1], data[1:]
	}
	r.data, r.more = data, more
	r.tail = lastBytes(r.tail, data)
	if p.finished && !more {
		r.complete, err = p.verify(ctx, p.from+int64(len(data)), r.tail)
	}
	return r, err
}

// lastBytes are the last bytes of two parts that follow one another.
func lastBytes(before, data []byte) []byte {
	joined := append(append([]byte(nil), before[max(0, len(before)-tailBytes):]...), data[max(0, len(data)-tailBytes):]...)
	return joined[max(0, len(joined)-tailBytes):]
}

// verify compares what was read with the log that GitLab has archived, once the job has ended. It
// reports false while the archived log may still come.
func (p *logPlan) verify(ctx context.Context, end int64, tail []byte) (bool, error) {
	item, err := p.single(ctx, p.project, p.job)
	if err != nil {
		return false, err
	}
	if item.Job.ErasedAt != nil && end > 0 {
		return false, &ReplacedError{}
	}
	size, archived := traceSize(item.Job)
	switch {
	case archived && size < end:
		return false, &ReplacedError{}
	case archived && size > end, !archived && p.tries < finishTries && p.recent(item.Job):
		return false, nil
	case end == 0:
		return true, nil
	}
	from := end - int64(len(tail))
	last, _, err := p.readRange(ctx, p.project, p.job, from, int64(len(tail)))
	if err != nil {
		return false, err
	}
	if !bytes.Equal(last, tail) {
		return false, &ReplacedError{}
	}
	return true, nil
}

// recent reports whether a job ended so short a time ago that its log may not be archived yet.
func (p *logPlan) recent(job *restclient.Job) bool {
	if job.FinishedAt == nil {
		return false
	}
	at, err := job.FinishedAt.Time()
	return err != nil || p.engine.clock.Now().Sub(at) < finishedLong
}

func traceSize(job *restclient.Job) (int64, bool) {
	for _, a := range job.Artifacts {
		if a.FileType == "trace" && a.Size != nil {
			return *a.Size, true
		}
	}
	return 0, false
}

// apply adds the result of a read.
func (c *logContent) apply(p *logPlan, r *logRead) change {
	e := c.watch.topic.engine
	e.blocks.put(c, p.from, r.data)
	c.end, c.tail, c.more, c.known = p.from+int64(len(r.data)), r.tail, r.more, true
	ch := change{any: len(r.data) > 0 || r.complete}
	c.complete = r.complete
	if p.finished && !r.complete && !r.more {
		ch.again = e.config.LogInterval
		if len(r.data) == 0 {
			c.finished++
		}
	}
	return ch
}

// fetch reads an earlier part again that is no longer kept.
func (c *logContent) fetch(from int64) {
	region := from / regionBytes
	if c.fetching[region] || c.watch.ended != nil {
		return
	}
	if c.fetching == nil {
		c.fetching = map[int64]bool{}
	}
	c.fetching[region] = true
	e, key := c.watch.topic.engine, c.watch.topic.key
	r := &reading{engine: e, credential: c.watch.account.credential}
	limit := min(c.end, (region+1)*regionBytes) - from
	e.background(func() {
		data, _, err := r.readRange(c.watch.context, key.Project, key.ID, from, limit)
		e.mu.Lock()
		defer e.mu.Unlock()
		if c.watch.ended != nil {
			return
		}
		if err == nil && len(data) == 0 {
			err = &ReplacedError{} // there were bytes here
		}
		if err == nil {
			delete(c.fetching, region)
			e.blocks.put(c, from, data)
			c.watch.notify()
			return
		}
		if isFinal(err) {
			c.watch.end(err)
			return
		}
		e.clock.AfterFunc(e.config.MinInterval, func() { // consumers call Next again
			e.mu.Lock()
			defer e.mu.Unlock()
			delete(c.fetching, region)
			c.watch.notify()
		})
	})
}

// readRange reads bytes of a log from a place on: limit of them, or as many as one call brings
// where it is 0; more reports that it may go on.
func (r *reading) readRange(ctx context.Context, project, job, from, limit int64) (data []byte, more bool, err error) {
	if from > 1 && !r.engine.ignoresOffset() {
		if data, done, err := r.probe(ctx, project, job, from); done || err != nil {
			return data, false, err
		}
	}
	if from > 0 && r.engine.ignoresOffset() {
		return r.readWhole(ctx, project, job, from, limit)
	}
	most := restclient.TraceRange{Offset: from, Limit: rangeBytes}
	if limit > 0 {
		most.Limit = min(limit, rangeBytes)
	}
	data, err = r.trace(ctx, project, job, most, 0, most.Limit+1)
	if err != nil {
		return nil, false, err
	}
	if int64(len(data)) > most.Limit {
		r.engine.setOffset(false)
		if from > 0 {
			return r.readWhole(ctx, project, job, from, limit)
		}
		return data[:most.Limit], true, nil
	}
	return data, int64(len(data)) == most.Limit, nil
}

// probe determines once whether the instance supports byte_offset: one that does not sends the
// whole log, which is longer than the one byte requested. It reports true if there is nothing to
// read from this offset on.
func (r *reading) probe(ctx context.Context, project, job, from int64) (data []byte, done bool, err error) {
	if r.engine.knowsOffset() {
		return nil, false, nil
	}
	data, err = r.trace(ctx, project, job, restclient.TraceRange{Offset: from, Limit: 1}, 0, 2)
	if err != nil || len(data) == 0 {
		return nil, true, err
	}
	r.engine.setOffset(len(data) == 1)
	return nil, false, nil
}

// readWhole reads from a place on where the instance sends the whole log: what comes before is not
// kept.
func (r *reading) readWhole(ctx context.Context, project, job, from, limit int64) (data []byte, more bool, err error) {
	most := int64(wholeBytes)
	if limit > 0 {
		most = limit
	}
	data, err = r.trace(ctx, project, job, restclient.TraceRange{}, from, most)
	return data, int64(len(data)) == most, err
}

// trace reads a log: it skips some bytes of the answer and returns at most so many of the rest.
func (r *reading) trace(
	ctx context.Context, project, job int64, part restclient.TraceRange, skip, most int64,
) ([]byte, error) {
	var cost restclient.Cost
	body, err := r.engine.config.Upstream.Trace(restclient.WithCost(ctx, &cost), r.credential, projectID(project),
		job, part)
	r.engine.settle(r.credential, cost.Counts().Calls, err)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if skipped, err := io.CopyN(io.Discard, body, skip); err == io.EOF && skipped < skip {
		return nil, &ReplacedError{} // the log was longer before
	} else if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(body, most))
}

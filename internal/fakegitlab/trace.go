package fakegitlab

import (
	"io"
	"net/http"
	"strconv"
)

// logSource is a log of known size that can be read from any offset.
type logSource interface {
	io.ReaderAt
	Size() int64
}

// showTrace serves GET /projects/:id/jobs/:job_id/trace. The answer for a job without a log is an
// empty body, not 404.
func (q *request) showTrace() (*answer, *problem) {
	p, refusal := q.readableProject()
	if refusal != nil {
		return nil, refusal
	}
	j, refusal := q.build(p)
	if refusal != nil {
		return nil, refusal
	}
	if !q.canReadTrace(j) {
		return nil, forbidden("")
	}
	log := j.log(q.now, q.server.options.LogInterval)
	from, to := q.byteRange(log.Size())
	a := &answer{status: http.StatusOK, header: http.Header{}, stream: io.NewSectionReader(log, from, to-from)}
	a.header.Set("Content-Type", "text/plain")
	a.header.Set("Content-Disposition", `infile; filename="`+strconv.FormatInt(j.id, 10)+`.log"`)
	return a, nil
}

// byteRange returns the requested range of the log, cut off at its end. Older releases ignore the
// parameters and return all of it.
func (q *request) byteRange(size int64) (from, to int64) {
	if q.lacks(Older18) {
		return 0, size
	}
	from, to = min(q.params.number("byte_offset"), size), size
	if limit := q.params.number("byte_limit"); limit > 0 {
		to = min(to, from+limit)
	}
	return from, to
}

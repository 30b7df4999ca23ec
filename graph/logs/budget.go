package logs

import (
	"strconv"
	"sync/atomic"

	"jobgraph/internal/joblog"
)

// LimitAnswer is the most bytes of logs in the answer to one request.
const LimitAnswer joblog.Limit = "answer-bytes"

// Budget counts the memory of all logs of one request, under all aliases: the bytes kept while they
// are read, and the bytes of them in the answer. Both are counted before the memory is taken. The
// zero value has counted nothing.
type Budget struct {
	Reserve func(bytes int64) error // reserves memory of the process; nil: none is reserved

	kept, answered atomic.Int64
}

// spend adds n to a count and reserves as much memory. The error is a *joblog.LimitError if the
// count exceeds limit; 0 is no limit.
func (b *Budget) spend(count *atomic.Int64, n, limit int64) error {
	if now := count.Add(n); limit > 0 && now > limit {
		return &joblog.LimitError{Limit: LimitAnswer, Value: strconv.FormatInt(limit, 10) + " bytes"}
	}
	if b.Reserve == nil {
		return nil
	}
	return b.Reserve(n)
}

// encodedLength returns the maximum length of a text as JSON.
func encodedLength(text string) int64 {
	n := len(text) + len(`""`)
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			n++
		case c < ' ':
			n += len(`\u001b`) - 1
		}
	}
	return int64(n)
}

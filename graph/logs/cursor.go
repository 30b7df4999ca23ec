package logs

import (
	"math"
	"strconv"
	"strings"

	"jobgraph/graph/relay"
	"jobgraph/internal/joblog"
)

// lineCursor is the content of a line's cursor. Its key is the line's number, with a "+" if the
// line was unfinished. If the log can be read from a later place than its beginning, the cursor's
// offset is that place; the number of the last line before it, and the names of the sections that
// are open there, follow in the key.
type lineCursor struct {
	number     int
	unfinished bool
	from       joblog.Resume
}

// longestSections bounds the names of sections in a cursor, in bytes. A line deeper in sections is
// found from the log's beginning.
const longestSections = 512

func (l *Log) lineCursor(line joblog.Line) string {
	c := relay.Cursor{List: lineList, Within: l.job.ID, Key: strconv.Itoa(line.Number)}
	if !l.complete(line) {
		c.Key += "+"
	}
	from := line.Resume
	sections := strings.Join(from.Sections, " ")
	if from.Offset < worthResuming || from.Offset > math.MaxInt32 || len(sections) > longestSections {
		return c.Encode()
	}
	c.Offset = int(from.Offset)
	c.Key += " " + strconv.Itoa(from.Number)
	if sections != "" {
		c.Key += " " + sections
	}
	return c.Encode()
}

// readLineCursor reads the cursor of a line; the zero value is no cursor.
func readLineCursor(argument string, c *relay.Cursor) (lineCursor, error) {
	if c == nil {
		return lineCursor{}, nil
	}
	parts := strings.Split(c.Key, " ")
	number, unfinished := strings.CutSuffix(parts[0], "+")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return lineCursor{}, &relay.ArgumentError{Argument: argument, Problem: "not a cursor of this list"}
	}
	read := lineCursor{number: n, unfinished: unfinished}
	if c.Offset == 0 || len(parts) == 1 {
		return read, nil
	}
	before, err := strconv.Atoi(parts[1])
	if err != nil || before < 0 || before > n {
		return lineCursor{}, &relay.ArgumentError{Argument: argument, Problem: "not a cursor of this list"}
	}
	read.from = joblog.Resume{Offset: int64(c.Offset), Number: before, Sections: parts[2:]}
	return read, nil
}

package fakegitlab

import (
	"io"
	"time"
)

// bulkLog is a log of any size that is generated while it is read and never stored. Each byte
// depends only on its position, so that the log can be read from any offset.
type bulkLog struct {
	size  int64
	start time.Time
}

const (
	bulkLine  = 128 // bytes, header and line feed included
	bulkWords = "resolving the graph of modules and linking object files for target x86_64 with debug symbols and all warnings on "
)

func (l *bulkLog) Size() int64 { return l.size }

// ReadAt fills p with the log's bytes from offset on.
func (l *bulkLog) ReadAt(p []byte, offset int64) (int, error) {
	line := make([]byte, 0, 2*bulkLine)
	n := 0
	for n < len(p) && offset < l.size {
		line = l.appendLine(line[:0], offset/bulkLine)
		rest := line[offset%bulkLine:]
		copied := copy(p[n:], rest[:min(int64(len(rest)), l.size-offset)])
		n += copied
		offset += int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// appendLine appends the line at an index: a header, the index in ten digits, and words that differ
// from line to line.
func (l *bulkLog) appendLine(line []byte, index int64) []byte {
	line = l.start.Add(time.Duration(index)*time.Millisecond).UTC().AppendFormat(line, "2006-01-02T15:04:05.000000Z ")
	line = append(line, "01O ["...)
	for unit := int64(1e9); unit > 0; unit /= 10 {
		line = append(line, byte('0'+index/unit%10))
	}
	line = append(line, "] "...)
	line = append(line, bulkWords[int(index*7)%len(bulkWords):]...)
	line = append(line, bulkWords...)
	line = line[:bulkLine]
	line[bulkLine-1] = '\n'
	return line
}

package joblog

import (
	"bytes"
	"slices"
)

const (
	// runnerBuffer is the length from which the runner writes out a line before its end: 8 KiB less
	// the header.
	runnerBuffer = 8*1024 - headerLen

	// The most that is held back behind an unfinished line of another stream: more than streams
	// interleave in the few seconds that a progress bar stands still, and little next to the rest of
	// the parser.
	maxQueuedBytes = 64 * 1024
	maxQueuedLines = 256
)

// begunLine is a line that has begun and is not yet on its way to the collectors.
type begunLine struct {
	header header
	text   []byte // while it waits for its turn on the screen
	open   bool   // a continuation may come

	// Of its latest part:
	size  int
	moved bool // a "\r" is in it
}

// mayGoOn reports whether the line may go on after one with the header h. The runner writes part of
// a line where it is long, and where the job wrote "\r" but no "\n".
func (l *begunLine) mayGoOn(h header) bool {
	return h.stream != NoStream && !h.sameStream(l.header) && (l.moved || l.size >= runnerBuffer)
}

// joiner makes lines of the parts that the runner wrote. The line that began first goes to the
// screen as it comes. Those that other streams begin before it ends wait, so that lines keep the
// order in which they began.
type joiner struct {
	screen  screen
	lines   []begunLine // the first is on the screen
	waiting int         // bytes of the others
	current int         // index of the one being written
}

// begin begins a part that has the header h, which stands at a place in the log.
func (j *joiner) begin(h header, place int64) {
	if h.continues {
		if i := j.find(h); i >= 0 {
			j.current = i
			j.lines[i].size, j.lines[i].moved = 0, false
			return
		}
	}
	for i := range j.lines {
		j.lines[i].open = j.lines[i].open && j.lines[i].mayGoOn(h)
	}
	for len(j.lines) > 0 && (!j.lines[0].open || len(j.lines) > maxQueuedLines) {
		j.finish(true, place)
	}
	j.lines = append(j.lines, begunLine{header: h, open: true})
	j.current = len(j.lines) - 1
	if j.current == 0 {
		j.screen.start(h)
	}
}

// find is the index of the open line that h continues, or -1.
func (j *joiner) find(h header) int {
	return slices.IndexFunc(j.lines, func(l begunLine) bool { return l.open && l.header.sameStream(h) })
}

// write adds to the part. It may keep a reference to b until settle.
func (j *joiner) write(b []byte) {
	l := &j.lines[j.current]
	l.size += len(b)
	l.moved = l.moved || bytes.IndexByte(b, '\r') >= 0
	if j.waiting+len(b) > maxQueuedBytes {
		for j.current > 0 {
			j.finish(true, nowhere)
		}
	}
	if j.current == 0 {
		j.screen.write(b)
		return
	}
	l.text = append(l.text, b...)
	j.waiting += len(b)
}

// settle processes the bytes that write has kept a reference to, and drops the reference.
func (j *joiner) settle() { j.screen.settle() }

// end ends the part; place is where the next one begins. A line without a header ends with it; one
// with a header may go on.
func (j *joiner) end(place int64) {
	if j.lines[j.current].header.stream == NoStream {
		j.finish(true, place)
	}
}

// close ends all lines at the log's end. The one being written may be unfinished, inLine, and
// others may go on.
func (j *joiner) close(inLine bool, place int64) {
	for len(j.lines) > 0 {
		l := &j.lines[0]
		mayContinue := l.header.stream != NoStream && l.open && (l.moved || l.size >= runnerBuffer)
		complete := !(inLine && j.current == 0) && !mayContinue
		if !complete {
			place = nowhere
		}
		j.finish(complete, place)
	}
}

// finish ends the line on the screen and shows the one that began next. The log can be read on from
// place if no other line is unfinished.
func (j *joiner) finish(complete bool, place int64) {
	if len(j.lines) > 1 {
		place = nowhere
	}
	j.screen.end(complete, place)
	j.lines = slices.Delete(j.lines, 0, 1)
	j.current--
	if len(j.lines) == 0 {
		return
	}
	next := &j.lines[0]
	j.waiting -= len(next.text)
	j.screen.start(next.header)
	j.screen.write(next.text)
	next.text = nil
}

package joblog

import "slices"

// keptLine is a line in a keeper, its text and ANSI in the keeper's buffer.
type keptLine struct {
	number   int
	header   header
	section  string
	from     int // where the text begins; the ANSI follows it
	textLen  int
	ansiLen  int
	sameANSI bool // ANSI is the text, and not stored again
	complete bool
	resume   Resume
}

// keptOverhead is what a line costs beside its text, rounded up.
const keptOverhead = 128

func (l keptLine) cost() int { return keptOverhead + l.textLen + l.ansiLen }

// lineCost is what keeping the line would cost.
func lineCost(l *LineRef) int {
	cost := keptOverhead + len(l.Text())
	if l.styled() {
		cost += len(l.ANSI())
	}
	return cost
}

// keeper keeps lines one behind the other in a single buffer, so that lines that come and go, as at
// the end of a log that is still being read, cost no allocation each.
type keeper struct {
	lines  []keptLine
	first  int // those before were dropped
	buffer []byte
	cost   int
}

func (k *keeper) len() int { return len(k.lines) - k.first }

// add keeps a line.
func (k *keeper) add(l *LineRef) {
	text := l.Text()
	kept := keptLine{
		number:   l.number,
		header:   l.header,
		section:  l.Section(),
		from:     len(k.buffer),
		textLen:  len(text),
		sameANSI: true,
		complete: l.complete,
		resume:   l.resume,
	}
	k.buffer = append(k.buffer, text...)
	if l.styled() {
		ansi := l.ANSI()
		kept.ansiLen, kept.sameANSI = len(ansi), false
		k.buffer = append(k.buffer, ansi...)
	}
	k.lines = append(k.lines, kept)
	k.cost += kept.cost()
}

// dropFirst drops the oldest line. It gives back the space of the dropped ones when that is more
// than half of all, so that each line and each byte is moved once at most.
func (k *keeper) dropFirst() {
	k.cost -= k.lines[k.first].cost()
	k.first++
	from := len(k.buffer)
	if k.len() > 0 {
		from = k.lines[k.first].from
	}
	if 2*from <= len(k.buffer) && 2*k.first <= len(k.lines) {
		return
	}
	k.buffer = slices.Delete(k.buffer, 0, from)
	k.lines = slices.Delete(k.lines, 0, k.first)
	for i := range k.lines {
		k.lines[i].from -= from
	}
	k.first = 0
}

// line is the i-th line kept.
func (k *keeper) line(i int) Line {
	l := k.lines[k.first+i]
	text := string(k.buffer[l.from : l.from+l.textLen])
	ansi := text
	if !l.sameANSI {
		ansi = string(k.buffer[l.from+l.textLen : l.from+l.textLen+l.ansiLen])
	}
	return Line{
		Number:  l.number,
		Text:    text,
		ANSI:    ansi,
		Time:    l.header.time(),
		Stream:  l.header.stream,
		Section: l.section,

		Complete: l.complete,
		Resume:   l.resume,
	}
}

package joblog

import (
	"bytes"
	"time"
)

const (
	markerPrefix = "section_"
	markerSuffix = "\r\x1b[0K"

	// maxMarker bounds what is held back while a marker may still be coming. GitLab has no bound; the
	// runner's own markers are under 60 bytes.
	maxMarker = 1024
	// maxSectionName is what a database column would give a name.
	maxSectionName = 255

	// lastSecond is the end of the year 9999, the last that RFC 3339 can write.
	lastSecond = 253402300799
)

// marker is one section_start or section_end.
type marker struct {
	start   bool
	at      time.Time
	name    []byte // aliases the input
	options markerOptions
}

// markerOptions are the options of a start marker.
type markerOptions struct{ collapsed, hideDuration bool }

// findMarker is the index in b, from i on, of the next place where a marker may begin; len(b) if
// there is none. Unless b is the end of its line, that may be a prefix of the prefix, cut by b's
// end.
func findMarker(b []byte, i int, last bool) int {
	if at := bytes.Index(b[i:], []byte(markerPrefix)); at >= 0 {
		return i + at
	}
	if last {
		return len(b)
	}
	for n := min(len(markerPrefix)-1, len(b)-i); n > 0; n-- {
		if string(b[len(b)-n:]) == markerPrefix[:n] {
			return len(b) - n
		}
	}
	return len(b)
}

// matchMarker reads the marker that b starts with and returns how many bytes it takes: 0 if b does
// not start with one. It asks for more where b ends before that is known.
func matchMarker(b []byte) (m marker, n int, more bool) {
	s := markerScanner{rest: b[:min(len(b), maxMarker)]}
	s.literal(markerPrefix)
	m.start = s.peek() == 's'
	if m.start {
		s.literal("start:")
	} else {
		s.literal("end:")
	}
	digits := s.run(isDigit)
	s.literal(":")
	m.name = s.run(isNameByte)
	if s.peek() == '[' {
		m.options = s.options()
	}
	s.literal(markerSuffix)

	switch {
	case s.short:
		return marker{}, 0, len(b) < maxMarker
	case s.failed || len(m.name) > maxSectionName:
		return marker{}, 0, false
	}
	at, ok := sectionTime(digits)
	if !ok {
		return marker{}, 0, false
	}
	m.at = at
	return m, min(len(b), maxMarker) - len(s.rest), false
}

// sectionTime reads a marker's time: seconds since 1970 as GitLab documents it, or milliseconds
// where seconds would lie past the year 9999, as scripts that print their own markers send.
func sectionTime(digits []byte) (time.Time, bool) {
	if len(digits) > len("253402300799000") {
		return time.Time{}, false
	}
	var n int64
	for _, d := range digits {
		n = n*10 + int64(d-'0')
	}
	if n <= lastSecond {
		return time.Unix(n, 0).UTC(), true
	}
	return time.UnixMilli(n).UTC(), n/1000 <= lastSecond
}

// markerScanner takes a marker apart. After the first part that does not fit (failed) or that the
// input ends in (short) it takes nothing more.
type markerScanner struct {
	rest          []byte
	failed, short bool
}

func (s *markerScanner) stopped() bool { return s.failed || s.short }

// peek is the next byte, or 0.
func (s *markerScanner) peek() byte {
	if s.stopped() || len(s.rest) == 0 {
		return 0
	}
	return s.rest[0]
}

func (s *markerScanner) literal(want string) {
	if s.stopped() {
		return
	}
	n := min(len(want), len(s.rest))
	switch {
	case string(s.rest[:n]) != want[:n]:
		s.failed = true
	case n < len(want):
		s.short = true
	default:
		s.rest = s.rest[n:]
	}
}

// run takes one or more bytes that fit.
func (s *markerScanner) run(fits func(byte) bool) []byte {
	if s.stopped() {
		return nil
	}
	n := 0
	for n < len(s.rest) && fits(s.rest[n]) {
		n++
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	s.short = len(s.rest) == 0
	s.failed = n == 0 && !s.short
	return taken
}

// options takes "[key=value,key=value]".
func (s *markerScanner) options() (o markerOptions) {
	s.literal("[")
	for !s.stopped() {
		key := s.run(isWordByte)
		s.literal("=")
		value := s.run(isWordByte)
		switch string(key) {
		case "collapsed":
			o.collapsed = string(value) == "true"
		case "hide_duration":
			o.hideDuration = string(value) == "true"
		}
		if s.peek() != ',' {
			break
		}
		s.literal(",")
		if s.peek() == ' ' {
			s.literal(" ")
		}
	}
	s.literal("]")
	return o
}

func isWordByte(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isNameByte(c byte) bool { return isWordByte(c) || c == '.' || c == '-' }

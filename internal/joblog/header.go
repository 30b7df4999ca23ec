package joblog

import "time"

const (
	timeLen   = len("2006-01-02T15:04:05.000000Z")
	headerLen = timeLen + len(" 01O+")

	// headerShape is the layout of a header: 0 is a decimal digit, x a lower-case hex digit, S the
	// stream's type, C the continuation flag, and all else itself.
	headerShape = "0000-00-00T00:00:00.000000Z xxSC"
)

// Stream is the output of the job that a line was written to.
type Stream byte

const (
	// NoStream is the stream of a line without a header: an older runner's, or the runner's own
	// message.
	NoStream Stream = 0
	// Stdout is the standard output.
	Stdout Stream = 'O'
	// Stderr is the standard error.
	Stderr Stream = 'E'
)

// header is the runner's timestamp header of one line. The zero value is that of a line without
// one.
type header struct {
	stamp     [timeLen]byte
	number    [2]byte
	stream    Stream
	continues bool
}

// sameStream reports whether both lines were written by one writer of the runner, and so can be
// parts of one line.
func (h header) sameStream(o header) bool {
	return h.stream == o.stream && h.number == o.number && h.stream != NoStream
}

// time is the line's time; zero without a header, or where the digits are no date.
func (h header) time() time.Time {
	if h.stream == NoStream {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, string(h.stamp[:]))
	if err != nil {
		return time.Time{}
	}
	return t
}

// parseHeader reads the header that b starts with, if it does.
func parseHeader(b []byte) (header, bool) {
	if len(b) < headerLen || !mayBeHeader(b[:headerLen]) {
		return header{}, false
	}
	h := header{
		number:    [2]byte(b[timeLen+1:]),
		stream:    Stream(b[timeLen+3]),
		continues: b[timeLen+4] == '+',
	}
	copy(h.stamp[:], b)
	return h, true
}

// mayBeHeader reports whether b, of at most headerLen bytes, is a header or the beginning of one.
func mayBeHeader(b []byte) bool {
	for i, c := range b {
		if !fitsShape(headerShape[i], c) {
			return false
		}
	}
	return true
}

func fitsShape(shape, c byte) bool {
	switch shape {
	case '0':
		return isDigit(c)
	case 'x':
		return isDigit(c) || 'a' <= c && c <= 'f'
	case 'S':
		return c == byte(Stdout) || c == byte(Stderr)
	case 'C':
		return c == '+' || c == ' '
	default:
		return c == shape
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

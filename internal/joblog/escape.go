package joblog

// The longest escape sequences that are waited for. A longer one is no sequence that a job prints
// on purpose, and must not swallow the text after it.
const (
	maxControlSequence = 256
	maxControlString   = 4096
)

const esc = 0x1b

// controlSequence is a CSI sequence: "ESC [" params final. Its final byte is 0 for every other kind
// of sequence, which all mean nothing here.
type controlSequence struct {
	params []byte // aliases the input
	final  byte
}

// matchEscape reads the escape sequence that b starts with and returns its length in bytes: at
// least one, the ESC, as a broken sequence is dropped up to the byte that broke it. It is 0 where b
// ends before the sequence does; the line's last bytes end what they hold.
func matchEscape(b []byte, last bool) (seq controlSequence, n int) {
	if len(b) == 1 {
		return seq, atEnd(b, last)
	}
	switch c := b[1]; {
	case c == '[':
		return matchControlSequence(b, last)
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		return seq, matchControlString(b, last)
	case 0x20 <= c && c <= 0x2f:
		for i := 2; i < len(b); i++ {
			if b[i] < 0x20 || b[i] > 0x2f {
				return seq, endAt(b, i, 0x30)
			}
		}
		return seq, atEnd(b, last)
	default:
		return seq, endAt(b, 1, 0x30)
	}
}

func matchControlSequence(b []byte, last bool) (controlSequence, int) {
	for i := 2; i < len(b); i++ {
		c := b[i]
		if 0x20 <= c && c <= 0x3f && i < maxControlSequence {
			continue
		}
		n := endAt(b, i, 0x40)
		if n == i {
			return controlSequence{}, n
		}
		return controlSequence{params: b[2:i], final: c}, n
	}
	return controlSequence{}, atEnd(b, last)
}

// matchControlString measures an operating-system command or its like (a window's title, a
// hyperlink's address): up to BEL or "ESC \". Another ESC breaks it off.
func matchControlString(b []byte, last bool) int {
	for i := 2; i < min(len(b), maxControlString); i++ {
		switch b[i] {
		case 0x07:
			return i + 1
		case esc:
			switch {
			case i+1 == len(b):
				if last {
					return len(b)
				}
				return 0
			case b[i+1] == '\\':
				return i + 2
			}
			return i
		}
	}
	if len(b) >= maxControlString {
		return 2
	}
	return atEnd(b, last)
}

// atEnd is the length of a sequence that b ends in: all of b where no more can come.
func atEnd(b []byte, last bool) int {
	if last {
		return len(b)
	}
	return 0
}

// endAt is the length of a sequence whose last byte is at i; without that byte where it is not one
// that can end a sequence: from lowest to "~".
func endAt(b []byte, i int, lowest byte) int {
	if lowest <= b[i] && b[i] <= 0x7e {
		return i + 1
	}
	return i
}

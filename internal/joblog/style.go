package joblog

import "strconv"

// style is how a character looks: what SGR sequences have set. The zero value is the plain look.
type style struct {
	foreground, background color
	attributes             attributes
}

// color is 0 for the default one; else its kind in the high byte, and its value.
type color uint32

const (
	paletteColor color = 1 << 24 // 0 to 15: the codes 30 to 37 and 90 to 97
	indexedColor color = 2 << 24 // 0 to 255: the codes 38;5;n
	directColor  color = 3 << 24 // 0xRRGGBB: the codes 38;2;r;g;b
	colorKind    color = 0xff << 24
)

// attributes has bit n set for the SGR code n: bold 1, faint 2, italic 3, underline 4, blink 5 and
// 6, inverse 7, conceal 8, strike 9.
type attributes uint16

func (a attributes) with(code int) attributes { return a | 1<<code }

func (a attributes) without(codes ...int) attributes {
	for _, code := range codes {
		a &^= 1 << code
	}
	return a
}

// maxCodes is more than any SGR sequence needs; what follows is ignored.
const maxCodes = 32

// sgrCodes are the numbers of one SGR sequence. Where joined is set, a colon and not a semicolon
// stands before the number.
type sgrCodes struct {
	numbers [maxCodes]int
	joined  [maxCodes]bool
	n       int
}

// parseSGR reads an SGR sequence's parameters; ok is false if they are not all numbers.
func parseSGR(params []byte) (codes sgrCodes, ok bool) {
	codes.n = 1
	for _, c := range params {
		switch {
		case c == ';' || c == ':':
			if codes.n == maxCodes {
				return codes, true
			}
			codes.joined[codes.n] = c == ':'
			codes.n++
		case !isDigit(c):
			return codes, false
		case codes.numbers[codes.n-1] < 1000: // past any code, and far from overflow
			codes.numbers[codes.n-1] = codes.numbers[codes.n-1]*10 + int(c-'0')
		}
	}
	return codes, true
}

// group is the run of numbers from i on that colons join.
func (c *sgrCodes) group(i int) []int {
	end := i + 1
	for end < c.n && c.joined[end] {
		end++
	}
	return c.numbers[i:end]
}

// apply is the style after an SGR sequence with these parameters.
func (s style) apply(params []byte) style {
	codes, ok := parseSGR(params)
	if !ok {
		return s
	}
	for i := 0; i < codes.n; {
		group := codes.group(i)
		args, used := group[1:], len(group)
		if isColorCode(group[0]) && len(args) == 0 {
			args = codes.numbers[i+1 : codes.n]
			args = args[:colorArguments(args)]
			used += len(args)
		}
		s = s.set(group[0], args)
		i += used
	}
	return s
}

func isColorCode(code int) bool { return code == 38 || code == 48 || code == 58 }

// colorArguments is how many of the numbers after 38, 48 or 58 belong to it, where semicolons part
// them.
func colorArguments(args []int) int {
	if len(args) == 0 {
		return 0
	}
	switch args[0] {
	case 5:
		return min(2, len(args))
	case 2:
		return min(4, len(args))
	default:
		return 1
	}
}

func (s style) set(code int, args []int) style {
	switch {
	case code == 0:
		return style{}
	case code == 4 && len(args) > 0 && args[0] == 0:
		s.attributes = s.attributes.without(4)
	case 1 <= code && code <= 9:
		s.attributes = s.attributes.with(code)
	case code == 22:
		s.attributes = s.attributes.without(1, 2)
	case code == 25:
		s.attributes = s.attributes.without(5, 6)
	case 23 <= code && code <= 29 && code != 26:
		s.attributes = s.attributes.without(code - 20)
	case 30 <= code && code <= 37:
		s.foreground = paletteColor | color(code-30)
	case 90 <= code && code <= 97:
		s.foreground = paletteColor | color(code-90+8)
	case 40 <= code && code <= 47:
		s.background = paletteColor | color(code-40)
	case 100 <= code && code <= 107:
		s.background = paletteColor | color(code-100+8)
	case code == 38:
		s.foreground = extendedColor(args, s.foreground)
	case code == 48:
		s.background = extendedColor(args, s.background)
	case code == 39:
		s.foreground = 0
	case code == 49:
		s.background = 0
	}
	return s
}

// extendedColor reads "5, index" and "2, red, green, blue", the latter also with a colour space
// before the red, as the colon form has it. Anything else leaves the old colour.
func extendedColor(args []int, old color) color {
	if len(args) == 2 && args[0] == 5 && args[1] <= 255 {
		return indexedColor | color(args[1])
	}
	if (len(args) == 4 || len(args) == 5) && args[0] == 2 {
		rgb := args[len(args)-3:]
		if max(rgb[0], rgb[1], rgb[2]) <= 255 {
			return directColor | color(rgb[0])<<16 | color(rgb[1])<<8 | color(rgb[2])
		}
	}
	return old
}

// appendSequence appends the SGR sequence that leads from one style to another. Colours stand
// before attributes, as the runner writes them.
func appendSequence(dst []byte, from, to style) []byte {
	if to == (style{}) {
		return append(dst, "\x1b[0m"...)
	}
	dst = append(dst, "\x1b["...)
	if from != (style{}) {
		dst = append(dst, "0;"...)
	}
	dst = appendColor(dst, to.foreground, 30, 90, "38;")
	dst = appendColor(dst, to.background, 40, 100, "48;")
	for code := 1; code <= 9; code++ {
		if to.attributes&(1<<code) != 0 {
			dst = append(dst, '0'+byte(code), ';')
		}
	}
	dst[len(dst)-1] = 'm' // instead of the last semicolon
	return dst
}

func appendColor(dst []byte, c color, dark, bright int64, extended string) []byte {
	value := int64(c &^ colorKind)
	switch c & colorKind {
	case 0:
		return dst
	case paletteColor:
		if value < 8 {
			dst = strconv.AppendInt(dst, dark+value, 10)
		} else {
			dst = strconv.AppendInt(dst, bright+value-8, 10)
		}
	case indexedColor:
		dst = append(append(dst, extended...), "5;"...)
		dst = strconv.AppendInt(dst, value, 10)
	case directColor:
		dst = append(append(dst, extended...), "2;"...)
		dst = strconv.AppendInt(dst, value>>16, 10)
		dst = strconv.AppendInt(append(dst, ';'), value>>8&255, 10)
		dst = strconv.AppendInt(append(dst, ';'), value&255, 10)
	}
	return append(dst, ';')
}

package joblog

import (
	"strings"
	"unicode/utf8"
)

// SafeText is b as a string that JSON can carry: each byte that is not part of valid UTF-8 becomes
// U+FFFD. It is exactly b where utf8.Valid(b); where it is not, b itself can only be carried
// encoded, as in Base64.
func SafeText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var text strings.Builder
	text.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		char, n := utf8.DecodeRune(b)
		text.WriteRune(char)
		b = b[n:]
	}
	return text.String()
}

// WholeCharacters is the length of b without a character that b's end cuts in half. Who sends a log
// in pieces keeps the rest for the next one.
func WholeCharacters(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return len(b)
			}
			return len(b) - n
		}
	}
	return len(b)
}

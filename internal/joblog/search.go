package joblog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// searcher finds a text in lines, whatever its case: both are compared in lower case, character by
// character.
type searcher struct{ folded []byte }

func newSearcher(text string) searcher { return searcher{fold(nil, []byte(text))} }

// matches reports whether the text is in the line. An empty text is in all.
func (s searcher) matches(l *LineRef) bool {
	if len(s.folded) == 0 {
		return true
	}
	if !l.folded {
		l.scratch.folded = fold(l.scratch.folded[:0], l.Text())
		l.folded = true
	}
	return bytes.Contains(l.scratch.folded, s.folded)
}

// fold appends text in lower case.
func fold(dst, text []byte) []byte {
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			return foldUnicode(dst, text[i:])
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func foldUnicode(dst, text []byte) []byte {
	for len(text) > 0 {
		char, n := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, unicode.ToLower(char))
		text = text[n:]
	}
	return dst
}

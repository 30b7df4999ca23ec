package run

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/projection/jsonscan"
)

// text copies a string. GitLab escapes other characters than GraphQL's executor.
func (w *writer) text(r *row, s jsonscan.Span) {
	raw := r.Bytes(s)
	if !w.room(len(raw)) {
		return
	}
	if s.Kind == jsonscan.Text {
		w.write(raw)
		return
	}
	if utf8.Valid(raw) {
		if out, ok := appendText(w.out, raw); ok {
			w.out = out
			return
		}
	}
	decoded, err := r.Decode(s)
	if err != nil {
		w.fail()
		return
	}
	w.string(decoded)
}

// string writes a string as the executor writes it.
func (w *writer) string(s string) {
	buffer := bytes.NewBuffer(w.out)
	graphql.MarshalString(s).MarshalGQL(buffer)
	w.out = buffer.Bytes()
}

// appendText appends a JSON string with the escapes that the executor writes; false if it has to be
// decoded, because it has a surrogate.
func appendText(out, raw []byte) ([]byte, bool) {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(out, raw...), true
		}
		out = append(out, raw[:i]...)
		escaped := raw[i+1]
		raw = raw[i+2:]
		switch escaped {
		case '/':
			out = append(out, '/')
		case 'b':
			out = append(out, `\u0008`...)
		case 'f':
			out = append(out, `\u000C`...)
		case 'u':
			n, _ := strconv.ParseUint(string(raw[:4]), 16, 16) // the scanner has checked the digits
			if utf16.IsSurrogate(rune(n)) {
				return nil, false
			}
			out, raw = appendRune(out, rune(n)), raw[4:]
		default: // " \ n r t
			out = append(out, '\\', escaped)
		}
	}
}

// appendRune appends a character as the executor writes it in a string.
func appendRune(out []byte, r rune) []byte {
	switch {
	case r == '"', r == '\\':
		return append(out, '\\', byte(r))
	case r == '\t':
		return append(out, `\t`...)
	case r == '\n':
		return append(out, `\n`...)
	case r == '\r':
		return append(out, `\r`...)
	case r < ' ':
		const digits = "0123456789ABCDEF"
		return append(out, '\\', 'u', '0', '0', digits[r>>4], digits[r&0xF])
	}
	return utf8.AppendRune(out, r)
}

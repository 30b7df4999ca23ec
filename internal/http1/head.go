package http1

import (
	"bytes"
	"net/http"
)

// verdict is what the bytes at the beginning of a buffer are.
type verdict int

const (
	partial verdict = iota // the beginning of what may become a plain request
	plain                  // a complete one
	other                  // anything else
)

const (
	maxHeadBytes = 8 << 10
	maxFields    = 64
)

// span is a part of the buffer.
type span struct{ from, to int }

func (s span) in(b []byte) []byte { return b[s.from:s.to] }

// head is the positions of the parts of a plain request in the buffer.
type head struct {
	limit  int // of the head's length
	method string
	target span
	path   span // of the target
	query  span // of the target, without the question mark
	fields []field
	host   int // which of the fields
	length int // of the body
	size   int // of the head, the empty line included
	room   [maxFields]field
}

type field struct{ name, value span }

// parse looks for a plain request:
//
//	POST /graphql HTTP/1.1␍␊
//	Host: gateway.example.com␍␊
//	Content-Type: application/json␍␊
//	Content-Length: 27␍␊
//	␍␊
//	{"query":"{ __typename }"}␊
//
// or the same as a GET, without a body and its length. The path has only letters, digits, -, _,
// dots within names and single slashes; a query is printable ASCII without a fragment. Lines end in
// CRLF. Field names have only letters, digits, - and _, values printable ASCII. Host and, for a
// POST, Content-Length are there exactly once, the length without leading zeros; Connection at most
// once, as keep-alive. No field asks for another way to transfer, to upgrade or to continue, or
// would have net/http change the request.
func (h *head) parse(in []byte) verdict {
	const proto = " HTTP/1.1\r"
	if !h.parseMethod(in) {
		return other
	}
	end := bytes.Index(in[:min(len(in), h.limit)], []byte("\r\n\r\n"))
	if end < 0 {
		if len(in) >= h.limit {
			return other
		}
		return partial
	}
	h.size = end + len("\r\n\r\n")
	line := bytes.IndexByte(in, '\n')
	h.target = span{len(h.method) + 1, line - len(proto)}
	if h.target.to < h.target.from || string(in[h.target.to:line]) != proto || !h.parseTarget(in) {
		return other
	}
	if !h.parseFields(in, line+1) || h.size+h.length > bufferBytes {
		return other
	}
	if len(in) < h.size+h.length {
		return partial
	}
	return plain
}

// parseMethod finds the method; false if it is another one than those of plain requests.
func (h *head) parseMethod(in []byte) bool {
	for _, method := range [...]string{http.MethodPost, http.MethodGet} {
		n := min(len(in), len(method))
		if string(in[:n]) == method[:n] && (len(in) == n || in[n] == ' ') {
			h.method = method
			return true
		}
	}
	return false
}

// parseTarget splits the target and reports whether it is plain.
func (h *head) parseTarget(in []byte) bool {
	h.path, h.query = h.target, span{h.target.to, h.target.to}
	if mark := bytes.IndexByte(h.target.in(in), '?'); mark >= 0 {
		h.path.to = h.target.from + mark
		h.query.from = h.path.to + 1
		if h.query.from == h.query.to || !isPlainQuery(h.query.in(in)) {
			return false
		}
	}
	return isPlainPath(h.path.in(in))
}

func isPlainPath(path []byte) bool {
	if len(path) == 0 || path[0] != '/' {
		return false
	}
	for i, c := range path[1:] {
		if before := path[i]; !isNameByte(c) && (c != '/' && c != '.' || before == '/' || before == '.') {
			return false
		}
	}
	return true
}

func isPlainQuery(query []byte) bool {
	for _, c := range query {
		if c <= ' ' || c > '~' || c == '#' {
			return false
		}
	}
	return true
}

// showsCredential reports whether a field carries a credential.
func (h *head) showsCredential(in []byte, k *link) bool {
	for _, f := range h.fields {
		for _, name := range k.links.credentials {
			if equalFold(f.name.in(in), name) && f.value.from < f.value.to {
				return true
			}
		}
	}
	return false
}

// parseFields finds the fields of a head and reports whether they are plain.
func (h *head) parseFields(in []byte, from int) bool {
	h.fields, h.host, h.length = h.room[:0], -1, 0
	connection := false
	for from < h.size-len("\r\n") {
		f, next, ok := parseField(in, from)
		if !ok || len(h.fields) == maxFields {
			return false
		}
		value := f.value.in(in)
		switch fieldKind(f.name.in(in)) {
		case hostField:
			if h.host >= 0 || !isHost(string(value)) {
				return false
			}
			h.host = len(h.fields)
		case lengthField:
			exact := f.value.from-f.name.to <= len(": ") && in[f.value.to] == '\r' // without more white space
			if h.length > 0 || !exact || !h.parseLength(value) {
				return false
			}
		case connectionField:
			if connection || !equalFold(value, "keep-alive") {
				return false
			}
			connection = true
		case strangeField:
			return false
		}
		h.fields = append(h.fields, f)
		from = next
	}
	return h.host >= 0 && (h.length > 0) == (h.method == http.MethodPost)
}

// parseField finds a field's name and value; next is where the next line begins.
func parseField(in []byte, from int) (f field, next int, ok bool) {
	colon := from
	for isNameByte(in[colon]) {
		colon++
	}
	if colon == from || in[colon] != ':' {
		return field{}, 0, false
	}
	value := span{colon + 1, colon + 1}
	for c := in[value.to]; c >= ' ' && c <= '~'; c = in[value.to] {
		value.to++
	}
	if in[value.to] != '\r' || in[value.to+1] != '\n' {
		return field{}, 0, false
	}
	next = value.to + len("\r\n")
	for value.from < value.to && in[value.from] == ' ' {
		value.from++
	}
	for value.from < value.to && in[value.to-1] == ' ' {
		value.to--
	}
	return field{span{from, colon}, value}, next, true
}

// parseLength reads the body's length; false if it is zero, or more than a buffer holds.
func (h *head) parseLength(value []byte) bool {
	if len(value) == 0 || len(value) > 5 || value[0] == '0' {
		return false
	}
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
		h.length = 10*h.length + int(c-'0')
	}
	return true
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// The kinds of fields that concern a request's transfer.
const (
	anyField = iota
	hostField
	lengthField
	connectionField
	strangeField // never in a plain request
)

func fieldKind(name []byte) int {
	switch len(name) {
	case len("host"):
		return kindIf(hostField, name, "host")
	case len("content-length"):
		return max(kindIf(lengthField, name, "content-length"), kindIf(strangeField, name, "content_length"))
	case len("connection"):
		return kindIf(connectionField, name, "connection")
	case len("te"):
		return kindIf(strangeField, name, "te")
	case len("expect"): // net/http makes a Cache-Control of Pragma
		return max(kindIf(strangeField, name, "expect"), kindIf(strangeField, name, "pragma"))
	case len("upgrade"):
		return max(kindIf(strangeField, name, "upgrade"), kindIf(strangeField, name, "trailer"))
	case len("transfer-encoding"):
		return max(kindIf(strangeField, name, "transfer-encoding"), kindIf(strangeField, name, "transfer_encoding"))
	}
	return anyField
}

func kindIf(kind int, name []byte, lower string) int {
	if equalFold(name, lower) {
		return kind
	}
	return anyField
}

// equalFold compares ASCII, the second in lower case, without regard to case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

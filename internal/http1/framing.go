package http1

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// framing follows the messages of one connection byte by byte (RFC 9112) and refuses every request
// that two recipients could delimit or address differently:
//
//   - lines that do not end in CRLF, CR or control characters within a line, folded lines;
//   - Content-Length and Transfer-Encoding together, either of them twice, a length that is not
//     plain decimal, a coding other than exactly "chunked", any coding on HTTP/1.0;
//   - chunk lines with anything but a size and well-formed extensions, data that does not end in
//     CRLF, trailers that would change the framing, the routing or the credential;
//   - a body on GET or HEAD;
//   - a missing, empty, repeated or malformed Host, or one that contradicts an absolute target;
//   - a target with a fragment, a space or a byte that is not printable ASCII.
//
// It holds no bytes itself: whoever calls check keeps what is not yet consumed.
type framing struct {
	link  *link
	limit int // of a line's length

	part    part
	blank   int   // bytes of empty lines that may be skipped before the request line
	data    int64 // bytes to come of the body, or of the chunk
	request request
}

// part is what comes next.
type part int

const (
	requestLine part = iota
	headerLine
	bodyData
	chunkLine
	chunkData
	chunkEnding
	trailerLine
	unchecked // net/http answers what it has with an error, and closes the connection
)

// request is what the framing needs to know of a head.
type request struct {
	method          string
	authority       string // of an absolute target
	http10          bool
	host            string
	hosts           int
	length          int64 // -1 where it is not declared
	lengths         int
	chunked         bool
	showsCredential bool
}

// maxChunkLine is how long a chunk line may be, extensions included.
const maxChunkLine = 256

// blankAfter is how many bytes of empty lines may follow a request: some clients send one after the
// body of a POST. net/http tolerates as many.
func blankAfter(method string) int {
	if method == "POST" {
		return 4
	}
	return 0
}

// What net/http refuses where a line, or a chunk's data, should go on.
const (
	refusedLine  = ":\r\n\r\n"
	refusedChunk = "refused\r\n"
)

// passes reports whether p is all within a body, and counts it.
func (f *framing) passes(p []byte) bool {
	if f.part != bodyData || int64(len(p)) > f.data {
		return false
	}
	f.count(len(p))
	return true
}

// check returns the bytes that can be passed on, in the same array but without empty lines between
// requests, and the beginning of a line that has not ended. Where the rest is refused, it returns
// what to pass on instead.
func (f *framing) check(in []byte) (checked, rest []byte, refusal string) {
	checked = in[:0]
	from, n := 0, 0 // from here to n follows checked
	for n < len(in) && refusal == "" {
		switch f.part {
		case unchecked:
			n = len(in)
			continue
		case bodyData, chunkData:
			size := int(min(f.data, int64(len(in)-n)))
			n += size
			f.count(size)
			continue
		case requestLine:
			if c := in[n]; (c == '\r' || c == '\n') && f.blank > 0 {
				checked = append(checked, in[from:n]...)
				f.blank--
				n++
				from = n
				continue
			}
		}
		end := bytes.IndexByte(in[n:], '\n')
		if end < 0 {
			if refusal = f.refuseLong(len(in) - n); f.part == unchecked {
				continue
			}
			break
		}
		line := in[n : n+end]
		if len(line) == 0 || line[len(line)-1] != '\r' || !isText(line[:len(line)-1]) || !f.line(string(line[:len(line)-1])) {
			refusal = f.refusal()
			break
		}
		n += end + 1
	}
	return append(checked, in[from:n]...), in[n:], refusal
}

// refuseLong returns the refusal of a line that is too long before it has ended. A head that is too
// long is answered by net/http, with 431.
func (f *framing) refuseLong(n int) string {
	switch {
	case f.part == chunkLine && n > maxChunkLine, f.part == chunkEnding && n > len("\r"):
		return f.refusal()
	case n > f.limit && (f.part == requestLine || f.part == headerLine):
		f.part = unchecked
	case n > f.limit:
		return f.refusal()
	}
	return ""
}

func (f *framing) refusal() string {
	if f.part == chunkLine || f.part == chunkEnding {
		return refusedChunk
	}
	return refusedLine
}

// count notes that n bytes of data have passed.
func (f *framing) count(n int) {
	if f.data -= int64(n); f.data > 0 {
		return
	}
	if f.part == chunkData {
		f.part = chunkEnding
		return
	}
	f.complete()
}

// complete notes that a request is here completely.
func (f *framing) complete() {
	f.part, f.blank = requestLine, blankAfter(f.request.method)
	f.link.begin()
}

// line takes one line, without its CRLF, and reports whether it is allowed.
func (f *framing) line(line string) bool {
	switch f.part {
	case requestLine:
		return f.start(line)
	case headerLine:
		if line == "" {
			return f.endOfHead()
		}
		return f.header(line)
	case chunkLine:
		return f.chunk(line)
	case chunkEnding:
		f.part = chunkLine
		return line == ""
	case trailerLine:
		if line == "" {
			f.complete()
			return true
		}
		name, _, ok := splitField(line)
		return ok && !isForbiddenTrailer(name)
	}
	return false
}

// start takes a request line.
func (f *framing) start(line string) bool {
	method, rest, _ := strings.Cut(line, " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || !httpguts.ValidHeaderFieldName(method) {
		return false
	}
	f.request = request{method: method, length: -1, http10: version == "HTTP/1.0"}
	f.part = headerLine
	if len(version) != len("HTTP/1.1") || !strings.HasPrefix(version, "HTTP/1.") {
		f.part = unchecked // 505, or 400
	}
	return f.target(target)
}

// target reports whether a request target has one of the forms of RFC 9112, section 3.2.
func (f *framing) target(target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c > '~' || c == '#' {
			return false
		}
	}
	switch {
	case strings.HasPrefix(target, "/"), target == "*":
		return true
	case f.request.method == "CONNECT":
		return target != ""
	}
	_, rest, ok := strings.Cut(target, "://")
	f.request.authority, _, _ = strings.Cut(rest, "/")
	f.request.authority, _, _ = strings.Cut(f.request.authority, "?")
	return ok && isHost(f.request.authority)
}

// header takes a field of a head.
func (f *framing) header(line string) bool {
	name, value, ok := splitField(line)
	if !ok {
		return false
	}
	r := &f.request
	switch lower := strings.ToLower(name); lower {
	case "host":
		r.hosts++
		r.host = strings.Trim(value, " \t")
		return r.hosts == 1 && isHost(r.host)
	case "content-length":
		r.lengths++
		r.length, ok = decimal(exact(value))
		return ok && r.lengths == 1
	case "transfer-encoding":
		again := r.chunked
		r.chunked = true
		return !again && exact(value) == "chunked"
	case "content_length", "transfer_encoding": // some recipients read _ as -
		return false
	default:
		r.showsCredential = r.showsCredential || f.link.isCredential(lower) && strings.Trim(value, " \t") != ""
	}
	return true
}

// endOfHead decides what follows a head.
func (f *framing) endOfHead() bool {
	r := &f.request
	switch {
	case r.hosts == 0 && !r.http10:
		return false
	case r.authority != "" && r.hosts > 0 && !strings.EqualFold(r.authority, r.host):
		return false
	case r.chunked && (r.lengths > 0 || r.http10):
		return false
	case (r.chunked || r.length > 0) && (r.method == "GET" || r.method == "HEAD"):
		return false
	}
	if r.showsCredential {
		f.link.showCredential()
	}
	switch {
	case r.chunked:
		f.part = chunkLine
	case r.length > 0:
		f.part, f.data = bodyData, r.length
	default:
		f.complete()
	}
	return true
}

// chunk takes a chunk's first line: its size in hexadecimal digits, and extensions.
func (f *framing) chunk(line string) bool {
	digits, extensions, extended := strings.Cut(line, ";")
	size, err := strconv.ParseUint(digits, 16, 63)
	if err != nil || len(line) > maxChunkLine || len(digits) > 16 || strings.Trim(digits, hexDigits) != "" {
		return false
	}
	for extended {
		var extension string
		extension, extensions, extended = strings.Cut(extensions, ";")
		name, value, valued := strings.Cut(extension, "=")
		if !httpguts.ValidHeaderFieldName(name) || valued && !isTokenOrQuoted(value) {
			return false
		}
	}
	f.part, f.data = chunkData, int64(size)
	if size == 0 {
		f.part = trailerLine
	}
	return true
}

const hexDigits = "0123456789abcdefABCDEF"

// isTokenOrQuoted reports whether an extension's value is a token, or a quoted string without the
// characters that could end it or the extension early.
func isTokenOrQuoted(s string) bool {
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		return !strings.ContainsAny(s[1:n-1], `"\`)
	}
	return httpguts.ValidHeaderFieldName(s)
}

// splitField splits a field line; false where its name is no token. White space before the colon,
// or before the name, is thereby refused.
func splitField(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, ":")
	return name, value, ok && httpguts.ValidHeaderFieldName(name)
}

// exact is a value after one optional space: fields that frame a message have no other white space.
func exact(value string) string { return strings.TrimPrefix(value, " ") }

// decimal reads a length without sign, spaces or leading zeros.
func decimal(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// isHost reports whether s is a host name or address with an optional port.
func isHost(s string) bool {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
		if strings.Trim(port, "0123456789") != "" {
			return false
		}
	}
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		return strings.Trim(host[1:n-1], hexDigits+":.") == ""
	}
	for i := range len(host) {
		if c := host[i]; !isNameByte(c) && c != '.' && c != '~' && c != '%' {
			return false
		}
	}
	return host != ""
}

// isText reports whether a line has no control characters but tabs. Bytes above ASCII are allowed:
// the lines that may not have them check it.
func isText(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isForbiddenTrailer reports whether a trailer is one of those that RFC 9110, section 6.5.1 keeps
// out of trailers because they frame, route, authenticate or describe the message.
func isForbiddenTrailer(name string) bool {
	switch strings.ToLower(name) {
	case "content-length", "transfer-encoding", "content-type", "content-encoding", "host", "trailer", "te",
		"connection", "expect", "authorization", "private-token", "job-token", "cookie", "origin":
		return true
	}
	return false
}

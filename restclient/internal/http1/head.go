package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// maxFields is the most header fields of an answer. GitLab sends about thirty.
const maxFields = 256

// MalformedError is an answer that is not HTTP/1.1, or whose end is in doubt. It does not quote the
// answer, which may come from anywhere.
type MalformedError struct{ problem string }

func (e *MalformedError) Error() string { return e.problem }

// Errors of a malformed head.
var (
	errHeadTooLarge = &MalformedError{"http1: the answer's header is too large"}
	errLine         = &MalformedError{"http1: a line of the answer's header does not end in CRLF"}
	errStatusLine   = &MalformedError{"http1: the answer does not begin with a status line"}
	errField        = &MalformedError{"http1: the answer has a malformed header field"}
)

// head is an answer's status line and header.
type head struct {
	http11 bool // or else HTTP/1.0
	code   int
	status string // the code and the reason
	header http.Header
}

// readHead appends a head's bytes to b, as they came, up to and with the empty line, and those of a
// part of it with an error.
func readHead(r *bufio.Reader, b []byte, limit int) ([]byte, error) {
	for {
		line, err := r.ReadSlice('\n')
		b = append(b, line...)
		switch {
		case len(b) > limit:
			return b, errHeadTooLarge
		case err == bufio.ErrBufferFull:
		case err == io.EOF:
			return b, io.ErrUnexpectedEOF
		case err != nil:
			return b, err
		case !bytes.HasSuffix(b, []byte("\r\n")):
			return b, errLine
		case len(line) <= 2 && (len(b) == 2 || bytes.HasSuffix(b, []byte("\r\n\r\n"))):
			return b, nil
		}
	}
}

// parseHead reads a head that readHead has read. The head keeps the text: what is in it is not
// copied again.
func parseHead(text string) (head, error) {
	line, fields, _ := strings.Cut(text, "\r\n")
	h, err := parseStatusLine(line)
	if err != nil {
		return head{}, err
	}
	h.header, err = parseFields(strings.TrimSuffix(fields, "\r\n"))
	return h, err
}

// parseStatusLine reads "HTTP/1.1 200 OK". Some servers leave the reason out, and the space before
// it.
func parseStatusLine(line string) (head, error) {
	const version = "HTTP/1."
	const digits = len(version) + 2 // "HTTP/1.1 " is before them
	if len(line) < digits+3 || line[:len(version)] != version || line[digits-1] != ' ' {
		return head{}, errStatusLine
	}
	h := head{status: line[digits:]}
	switch line[len(version)] {
	case '1':
		h.http11 = true
	case '0':
	default:
		return head{}, errStatusLine
	}
	for _, digit := range []byte(h.status[:3]) {
		if digit < '0' || digit > '9' {
			return head{}, errStatusLine
		}
		h.code = 10*h.code + int(digit-'0')
	}
	if h.code < 100 || len(h.status) > 3 && h.status[3] != ' ' || !httpguts.ValidHeaderFieldValue(h.status) {
		return head{}, errStatusLine
	}
	return h, nil
}

// parseFields reads the lines of a header, each ended by CRLF. The values of all fields share one
// array.
func parseFields(text string) (http.Header, error) {
	n := strings.Count(text, "\n")
	if n > maxFields {
		return nil, errHeadTooLarge
	}
	header, values := make(http.Header, n), make([]string, n)
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\r\n")
		name, value, found := strings.Cut(line, ":")
		// A line that begins with a space goes on with the one before it (obs-fold): its name is none, as
		// is one with a space before the colon.
		if !found || !httpguts.ValidHeaderFieldName(name) {
			return nil, errField
		}
		value = strings.Trim(value, " \t")
		if !httpguts.ValidHeaderFieldValue(value) {
			return nil, errField
		}
		name = http.CanonicalHeaderKey(name)
		if earlier := header[name]; earlier != nil {
			header[name] = append(earlier, value)
			continue
		}
		values[0] = value
		header[name], values = values[:1:1], values[1:]
	}
	return header, nil
}

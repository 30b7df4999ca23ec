package http1

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"golang.org/x/net/http/httpguts"
)

// maxKept is the largest buffer that is kept for the next request or head.
const maxKept = 16 << 10

// scratch is memory for a request's bytes, or for those of a head.
type scratch struct{ bytes []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func takeScratch() *scratch { return scratches.Get().(*scratch) }

// release gives the memory away, without the credential that may be in it.
func (s *scratch) release() {
	if cap(s.bytes) > maxKept {
		return
	}
	clear(s.bytes)
	s.bytes = s.bytes[:0]
	scratches.Put(s)
}

// compose writes the request's bytes, its body included, and tells where they go.
func (s *scratch) compose(request *http.Request) (host, error) {
	to, err := hostOf(request.URL)
	if err != nil {
		return "", err
	}
	if err := refuse(request); err != nil {
		return "", err
	}
	name := string(to)
	if request.Host != "" {
		name = request.Host
	}
	if name, err = httpguts.PunycodeHostPort(name); err != nil || !httpguts.ValidHostHeader(name) {
		return "", errors.New("http1: the request's host is none")
	}
	target := request.URL.RequestURI()
	if !isTarget(target) {
		return "", errors.New("http1: the request's target has a byte that must be escaped")
	}
	b := append(s.bytes, method(request)...)
	b = append(append(append(b, ' '), target...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, name...), "\r\n"...)
	if s.bytes, err = appendHeader(b, request.Header); err != nil {
		return "", err
	}
	return to, s.appendBody(request)
}

func method(request *http.Request) string {
	if request.Method == "" {
		return http.MethodGet
	}
	return request.Method
}

// refuse returns an error for what this transport does not do.
func refuse(request *http.Request) error {
	switch {
	case !httpguts.ValidHeaderFieldName(method(request)):
		return errors.New("http1: the request's method is none")
	case request.Method == http.MethodHead, request.Method == http.MethodConnect:
		return fmt.Errorf("http1: %s is not supported", request.Method)
	case request.Close, len(request.TransferEncoding) > 0, len(request.Trailer) > 0:
		return errors.New("http1: the request's framing is the transport's own")
	case hasBody(request) && request.ContentLength < 0:
		return errors.New("http1: the length of the request's body is not known")
	}
	return nil
}

func hasBody(request *http.Request) bool {
	return request.Body != nil && request.Body != http.NoBody && request.ContentLength != 0
}

// isTarget reports whether the target stays one word of the request line.
func isTarget(target string) bool {
	for i := range len(target) {
		if b := target[i]; b <= ' ' || b == 0x7f {
			return false
		}
	}
	return target != ""
}

// appendHeader writes the fields of h. Those that say how the message is framed are refused, for
// they would not be true.
func appendHeader(b []byte, h http.Header) ([]byte, error) {
	for name, values := range h {
		switch http.CanonicalHeaderKey(name) {
		case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Upgrade", "Expect":
			return b, fmt.Errorf("http1: the header field %s is the transport's own", name)
		}
		if !httpguts.ValidHeaderFieldName(name) {
			return b, errors.New("http1: the name of a header field is none")
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return b, fmt.Errorf("http1: the header field %s has a byte that must not be sent", name)
			}
			b = append(append(b, name...), ": "...)
			b = append(append(b, value...), "\r\n"...)
		}
	}
	return b, nil
}

// appendBody ends the head and writes the body, which is read whole: so a body that fails does so
// before anything is sent, one write sends it all, and it can be sent again.
func (s *scratch) appendBody(request *http.Request) error {
	length := int64(0)
	if hasBody(request) {
		length = request.ContentLength
	}
	if length > 0 || hasMeaningWithBody(request.Method) {
		s.bytes = append(s.bytes, "Content-Length: "...)
		s.bytes = append(strconv.AppendInt(s.bytes, length, 10), "\r\n"...)
	}
	s.bytes = append(s.bytes, "\r\n"...)
	if length == 0 {
		return nil
	}
	head := len(s.bytes)
	s.bytes = append(s.bytes, make([]byte, length)...)
	if _, err := io.ReadFull(request.Body, s.bytes[head:]); err != nil {
		return fmt.Errorf("http1: read the request's body: %w", err)
	}
	if n, _ := io.ReadFull(request.Body, make([]byte, 1)); n > 0 {
		return errors.New("http1: the request's body is longer than its Content-Length")
	}
	return nil
}

// hasMeaningWithBody reports whether a server may expect a body, so that the request must declare
// that there is none.
func hasMeaningWithBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

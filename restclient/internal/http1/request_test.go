package http1

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

func TestARequestIsWrittenAsItIs(t *testing.T) {
	cases := []struct{ name, method, url, body, want string }{
		{"a read", "GET", "http://h:81/a%2Fb?c[]=d&e", "", "GET /a%2Fb?c[]=d&e HTTP/1.1\r\nHost: h:81\r\nA: b\r\n\r\n"},
		{"of the root", "", "http://h", "", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n"},
		{"a write", "POST", "http://[::1]:80/a", "{}", "POST /a HTTP/1.1\r\nHost: [::1]:80\r\nA: b\r\nContent-Length: 2\r\n\r\n{}"},
		{"a write without a body", "POST", "http://h/a", "", "POST /a HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 0\r\n\r\n"},
		{"another alphabet", "GET", "http://b\u00fccher.example/", "", "GET / HTTP/1.1\r\nHost: xn--bcher-kva.example\r\nA: b\r\n\r\n"},
	}
	for _, c := range cases {
		request := newRequest(t, t.Context(), c.method, c.url, nil)
		if c.body != "" {
			request = newRequest(t, t.Context(), c.method, c.url, strings.NewReader(c.body))
		}
		request.Header["A"] = []string{"b"}
		var message scratch
		if _, err := message.compose(request); err != nil || string(message.bytes) != c.want {
			t.Errorf("%s: %q, %v", c.name, message.bytes, err)
		}
	}
}

func TestWhatWouldNotMeanWhatItSaysIsNotSent(t *testing.T) {
	server := newRawServer(t, func(*session) { t.Error("called") })
	field := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = []string{value} }
	}
	body := func(length int64, of io.Reader) func(*http.Request) {
		return func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(of), length }
	}
	cases := map[string]func(*http.Request){
		"HEAD":                     func(r *http.Request) { r.Method = http.MethodHead },
		"CONNECT":                  func(r *http.Request) { r.Method = http.MethodConnect },
		"a method of two words":    func(r *http.Request) { r.Method = "GET /" },
		"no URL":                   func(r *http.Request) { r.URL = nil },
		"another scheme":           func(r *http.Request) { r.URL.Scheme = "ftp" },
		"no host":                  func(r *http.Request) { r.URL.Host = "" },
		"a host of two lines":      func(r *http.Request) { r.Host = "h\r\nA: b" },
		"a query of two words":     func(r *http.Request) { r.URL.RawQuery = "a HTTP/1.1" },
		"a query of two lines":     func(r *http.Request) { r.URL.RawQuery = "a\r\nA: b" },
		"an opaque target":         func(r *http.Request) { r.URL = &url.URL{Scheme: "http", Host: r.URL.Host, Opaque: "a b"} },
		"a value of two lines":     field("A", "b\r\nC: d"),
		"a value with a NUL":       field("A", "\x00"),
		"a name of two words":      field("A b", "c"),
		"no name":                  field("", "c"),
		"a length":                 field("Content-Length", "5"),
		"a length in any case":     field("content-length", "5"),
		"a coding":                 field("Transfer-Encoding", "chunked"),
		"a host as a field":        field("Host", "h"),
		"an expectation":           field("Expect", "100-continue"),
		"an upgrade":               field("Upgrade", "h2c"),
		"a close":                  func(r *http.Request) { r.Close = true },
		"chunks":                   func(r *http.Request) { r.TransferEncoding = []string{"chunked"} },
		"a trailer":                func(r *http.Request) { r.Trailer = http.Header{"A": nil} },
		"a body of unknown length": body(-1, strings.NewReader("{}")),
		"a body that is shorter":   body(3, strings.NewReader("{}")),
		"a body that is longer":    body(1, strings.NewReader("{}")),
		"a body that fails":        body(1, iotest.ErrReader(io.ErrNoProgress)),
	}
	for name, change := range cases {
		request := newRequest(t, t.Context(), http.MethodPost, server.url, nil)
		change(request)
		if _, sent, err := send(newTransport(t), request); err == nil || sent > 0 {
			t.Errorf("%s: %v, sent %d times", name, err, sent)
		}
	}
}

// closedBody notes that it was closed.
type closedBody struct {
	io.Reader
	closed bool
}

func (b *closedBody) Close() error {
	b.closed = true
	return nil
}

func TestARequestsBodyIsAlwaysClosed(t *testing.T) {
	for name, url := range map[string]string{
		"answered": newRawServer(t, answering(ok(""))).url,
		"refused":  "ftp://h",
	} {
		body := &closedBody{Reader: strings.NewReader("{}")}
		request := newRequest(t, t.Context(), http.MethodPost, url, body)
		request.ContentLength = 2
		_, err := read(newTransport(t).RoundTrip(request))
		if !body.closed {
			t.Errorf("%s: %v, and the body is open", name, err)
		}
	}
}

func TestBuffersForgetWhatWasInThem(t *testing.T) {
	s := &scratch{bytes: []byte("Private-Token: secret")}
	was := s.bytes
	s.release()
	if strings.Trim(string(was), "\x00") != "" {
		t.Errorf("kept %q", was)
	}
}

func TestErrorsOfRefusedRequestsHideTheirValues(t *testing.T) {
	request := newRequest(t, t.Context(), http.MethodGet, "http://h", nil)
	request.Header["Private-Token"] = []string{"secret\n"}
	_, err := newTransport(t).RoundTrip(request)
	if err == nil || strings.Contains(err.Error(), "secret") || errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

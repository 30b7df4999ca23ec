package http1

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	plainHead = "POST /graphql HTTP/1.1\r\nHost: gateway:8080\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
	plainText = plainHead + "\r\nhello"
)

func parseText(text string) (head, verdict) {
	h := head{limit: maxHeadBytes}
	v := h.parse([]byte(text))
	return h, v
}

func TestPlainRequests(t *testing.T) {
	for name, text := range map[string]string{
		"the usual":             plainText,
		"another after it":      plainText + plainText,
		"GET":                   "GET /graphql HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET with a query":      "GET /graphql?query=%7Ba%7D&b=%zz&c=/?[]\"\\ HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n" + plainText,
		"a query string":        strings.Replace(plainText, "/graphql", "/graphql?a=b", 1),
		"a file name":           strings.Replace(plainText, "/graphql", "/schema.graphql", 1),
		"another path":          strings.Replace(plainText, "/graphql", "/a-b/C_d/9/", 1),
		"the root":              strings.Replace(plainText, "/graphql", "/", 1),
		"names in any case":     strings.Replace(strings.ToLower(plainText), "post /graphql http", "POST /graphql HTTP", 1),
		"keep-alive":            plainHead + "Connection: Keep-Alive\r\n\r\nhello",
		"a field twice":         plainHead + "Accept: a\r\nAccept: b\r\n\r\nhello",
		"an empty value":        plainHead + "Accept:\r\n\r\nhello",
		"spaces around a value": plainHead + "Accept:   a b  \r\n\r\nhello",
		"an IPv6 host":          strings.Replace(plainText, "gateway", "[::1]", 1),
		"as many fields as can": plainHead + strings.Repeat("A: b\r\n", maxFields-3) + "\r\nhello",
	} {
		if _, v := parseText(text); v != plain {
			t.Errorf("%s: %d", name, v)
		}
		sameAsNetHTTP(t, text)
	}
}

// Whatever is not plain is net/http's, also where it is only unusual.
func TestOtherRequestsAreNotTakenApart(t *testing.T) {
	for name, text := range map[string]string{
		"HEAD":                       "HEAD /graphql HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET with a body":            strings.Replace(plainText, "POST", "GET", 1),
		"GET with a length":          "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"GET without a host":         "GET / HTTP/1.1\r\n\r\n",
		"an empty query string":      strings.Replace(plainText, "/graphql", "/graphql?", 1),
		"a fragment":                 strings.Replace(plainText, "/graphql", "/graphql?a#b", 1),
		"a query not in ASCII":       strings.Replace(plainText, "/graphql", "/graphql?ä", 1),
		"a hidden file":              strings.Replace(plainText, "/graphql", "/.git", 1),
		"two dots":                   strings.Replace(plainText, "/graphql", "/a..b", 1),
		"a segment that ends in one": strings.Replace(plainText, "/graphql", "/a./b", 1),
		"a method that begins alike": "POSTS /",
		"HTTP/1.0":                   strings.Replace(plainText, "HTTP/1.1", "HTTP/1.0", 1),
		"HTTP/1.10":                  strings.Replace(plainText, "HTTP/1.1", "HTTP/1.10", 1),
		"no version":                 strings.Replace(plainText, " HTTP/1.1", "", 1),
		"two spaces":                 strings.Replace(plainText, " HTTP", "  HTTP", 1),
		"an empty line first":        "\r\n" + plainText,
		"an escape":                  strings.Replace(plainText, "/graphql", "/%67raphql", 1),
		"two slashes":                strings.Replace(plainText, "/graphql", "//graphql", 1),
		"two slashes within":         strings.Replace(plainText, "/graphql", "/a//b", 1),
		"dots":                       strings.Replace(plainText, "/graphql", "/../graphql", 1),
		"an absolute address":        strings.Replace(plainText, "/graphql", "http://x/graphql", 1),
		"an asterisk":                strings.Replace(plainText, "/graphql", "*", 1),
		"no host":                    strings.Replace(plainText, "Host: gateway:8080\r\n", "", 1),
		"an empty host":              strings.Replace(plainText, "gateway:8080", "", 1),
		"a strange host":             strings.Replace(plainText, "gateway", "a/b", 1),
		"two hosts":                  plainHead + "Host: y\r\n\r\nhello",
		"no length":                  strings.Replace(plainText, "Content-Length: 5\r\n", "", 1),
		"no body":                    strings.Replace(plainText, ": 5", ": 0", 1),
		"two lengths":                plainHead + "Content-Length: 5\r\n\r\nhello",
		"two different lengths":      plainHead + "content-length: 6\r\n\r\nhello",
		"a list of lengths":          strings.Replace(plainText, ": 5", ": 5, 5", 1),
		"a length with a sign":       strings.Replace(plainText, ": 5", ": +5", 1),
		"a hexadecimal length":       strings.Replace(plainText, ": 5", ": 0x5", 1),
		"a length with a zero":       strings.Replace(plainText, ": 5", ": 05", 1),
		"a length past all bounds":   strings.Replace(plainText, ": 5", ": 18446744073709551621", 1),
		"a long body":                strings.Replace(plainText, ": 5", ": 99999", 1),
		"a body past the buffer":     strings.Replace(plainText, ": 5", ": 16384", 1),
		"chunks":                     plainHead + "Transfer-Encoding: chunked\r\n\r\nhello",
		"an unknown transfer":        plainHead + "transfer-encoding: xchunked\r\n\r\nhello",
		"a space before the colon":   plainHead + "Transfer-Encoding : chunked\r\n\r\nhello",
		"a folded line":              plainHead + "Accept: a\r\n b\r\n\r\nhello",
		"a line that begins folded":  strings.Replace(plainText, "Host", " Host", 1),
		"LF alone":                   strings.Replace(plainText, "8080\r\n", "8080\n", 1),
		"CR alone":                   strings.Replace(plainText, "8080\r\n", "8080\r", 1),
		"CR in a value":              plainHead + "Accept: a\rb\r\n\r\nhello",
		"NUL in a value":             plainHead + "Accept: a\x00b\r\n\r\nhello",
		"a tab in a value":           plainHead + "Accept: a\tb\r\n\r\nhello",
		"a tab before a value":       plainHead + "Accept:\ta\r\n\r\nhello",
		"a value not in ASCII":       plainHead + "Accept: ä\r\n\r\nhello",
		"a name not in ASCII":        plainHead + "Äccept: a\r\n\r\nhello",
		"an odd name":                plainHead + "Acc(ept: a\r\n\r\nhello",
		"no name":                    plainHead + ": a\r\n\r\nhello",
		"no colon":                   plainHead + "Accept\r\n\r\nhello",
		"Connection: close":          plainHead + "Connection: close\r\n\r\nhello",
		"Connection with a name":     plainHead + "Connection: keep-alive, Host\r\n\r\nhello",
		"Connection twice":           plainHead + "Connection: keep-alive\r\nConnection: keep-alive\r\n\r\nhello",
		"Expect":                     plainHead + "Expect: 100-continue\r\n\r\nhello",
		"Upgrade":                    plainHead + "Upgrade: websocket\r\n\r\nhello",
		"Trailer":                    plainHead + "Trailer: A\r\n\r\nhello",
		"TE":                         plainHead + "TE: trailers\r\n\r\nhello",
		"Pragma":                     plainHead + "Pragma: no-cache\r\n\r\nhello",
		"too many fields":            plainHead + strings.Repeat("A: b\r\n", maxFields) + "\r\nhello",
		"a long head":                plainHead + "A: " + strings.Repeat("b", maxHeadBytes) + "\r\n\r\nhello",
		"TLS":                        "\x16\x03\x01\x02\x00\x01",
	} {
		if _, v := parseText(text); v != other {
			t.Errorf("%s: %d", name, v)
		}
	}
}

func TestEveryBeginningOfAPlainRequestIsPartial(t *testing.T) {
	for n := range len(plainText) {
		if _, v := parseText(plainText[:n]); v != partial {
			t.Errorf("%q: %d", plainText[:n], v)
		}
	}
}

func TestAHeadPastTheServersLimitIsNotPlain(t *testing.T) {
	h := head{limit: 64}
	if v := h.parse([]byte(plainText)); v != other {
		t.Error(v)
	}
}

// FuzzPlainRequestsMeanTheSameToNetHTTP holds that nothing is accepted here that net/http would
// refuse, or understand otherwise.
func FuzzPlainRequestsMeanTheSameToNetHTTP(f *testing.F) {
	f.Add(plainText)
	f.Add("GET /a.b?c=%20 HTTP/1.1\r\nHost: x\r\n\r\n" + plainText)
	f.Add(plainHead + "PRIVATE-token: a\r\nx_y-Z: b c\r\nX_y-z:\r\n\r\nhello" + plainText)
	f.Add(plainHead + "Connection: keep-alive\r\ntransfer-encoding : chunked\r\n\r\nhello")
	f.Fuzz(sameAsNetHTTP)
}

func sameAsNetHTTP(t *testing.T, text string) {
	h, v := parseText(text)
	if v != plain {
		return
	}
	reader := bufio.NewReader(strings.NewReader(text))
	want, err := http.ReadRequest(reader)
	if err != nil {
		t.Fatalf("net/http refuses it: %v", err)
	}
	got := new(exchange).request(context.Background(), "", &h, []byte(text))
	if want.Close || len(want.TransferEncoding) > 0 || want.Trailer != nil {
		t.Errorf("net/http sees more in it: %+v", want)
	}
	type seen struct {
		Method, URI, Path, Host, Proto string
		Major, Minor                   int
		Length                         int64
		Header                         http.Header
		Body, Rest                     []byte
	}
	all := func(r *http.Request, rest []byte) seen {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the body: %v", err)
		}
		if *r.URL != (*want.URL) {
			t.Errorf("the address is %#v, not %#v", r.URL, want.URL)
		}
		return seen{
			r.Method, r.RequestURI, r.URL.Path, r.Host, r.Proto, r.ProtoMajor, r.ProtoMinor,
			r.ContentLength, r.Header, body, rest,
		}
	}
	first := all(want, nil)
	first.Rest, _ = io.ReadAll(reader)
	if first.Rest == nil {
		first.Rest = []byte{}
	}
	if diff := cmp.Diff(first, all(got, bytes.Clone([]byte(text)[h.size+h.length:]))); diff != "" {
		t.Errorf("net/http's and ours: %s", diff)
	}
}

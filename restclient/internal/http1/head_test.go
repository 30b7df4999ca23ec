package http1

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeadsAreReadAsTheyAreMeant(t *testing.T) {
	cases := []struct {
		name, text string
		want       head
	}{
		{"plain", "HTTP/1.1 200 OK\r\n\r\n", head{true, 200, "200 OK", http.Header{}}},
		{"old", "HTTP/1.0 404 Not Found\r\n\r\n", head{false, 404, "404 Not Found", http.Header{}}},
		{"empty reason", "HTTP/1.1 200 \r\n\r\n", head{true, 200, "200 ", http.Header{}}},
		{"no reason", "HTTP/1.1 200\r\n\r\n", head{true, 200, "200", http.Header{}}},
		{"fields in any case", "HTTP/1.1 200 OK\r\nx-next-page: 2\r\nETAG:\tW/\"a\" \r\nEmpty:\r\n\r\n", head{true, 200, "200 OK", http.Header{
			"X-Next-Page": {"2"}, "Etag": {`W/"a"`}, "Empty": {""},
		}}},
		{"a field twice", "HTTP/1.1 200 OK\r\nVary: a\r\nB: c\r\nvary: d\r\n\r\n", head{true, 200, "200 OK", http.Header{
			"Vary": {"a", "d"}, "B": {"c"},
		}}},
		{"bytes past ASCII", "HTTP/1.1 200 OK\r\nA: \xe9\r\n\r\n", head{true, 200, "200 OK", http.Header{"A": {"\xe9"}}}},
	}
	for _, c := range cases {
		got, err := parseHead(c.text)
		if err != nil || !cmp.Equal(got, c.want, cmp.AllowUnexported(head{})) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestHeadsThatAreMalformedAreRefused(t *testing.T) {
	cases := map[string]string{
		"nothing":                "\r\n",
		"an empty line first":    "\r\nHTTP/1.1 200 OK\r\n\r\n",
		"another protocol":       "ICY 200 OK\r\n\r\n",
		"another version":        "HTTP/2.0 200 OK\r\n\r\n",
		"a version to come":      "HTTP/1.2 200 OK\r\n\r\n",
		"a status too short":     "HTTP/1.1 20\r\n\r\n",
		"a status too long":      "HTTP/1.1 2000 OK\r\n\r\n",
		"a status below 100":     "HTTP/1.1 099 OK\r\n\r\n",
		"a status with a sign":   "HTTP/1.1 +20 OK\r\n\r\n",
		"two spaces":             "HTTP/1.1  200 OK\r\n\r\n",
		"a reason with a return": "HTTP/1.1 200 O\rK\r\n\r\n",
		"bare line feeds":        "HTTP/1.1 200 OK\n\n",
		"one bare line feed":     "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
		"a folded line":          "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
		"a folded first line":    "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
		"a space before a colon": "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n",
		"no colon":               "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n",
		"no name":                "HTTP/1.1 200 OK\r\n: 5\r\n\r\n",
		"a name of odd bytes":    "HTTP/1.1 200 OK\r\nA\x00: 5\r\n\r\n",
		"a value with a NUL":     "HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n",
		"a value with a return":  "HTTP/1.1 200 OK\r\nA: b\rContent-Length: 0\r\n\r\n",
		"too many fields":        "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxFields+1) + "\r\n",
		"too many bytes":         "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 1000) + "\r\n\r\n",
		"an endless line":        "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 100_000),
		"a broken off line":      "HTTP/1.1 200 OK\r\nA: b",
		"a broken off header":    "HTTP/1.1 200 OK\r\nA: b\r\n",
	}
	for name, text := range cases {
		limit := 1000
		if name == "too many fields" {
			limit = 10_000
		}
		if h, err := headOf(text, limit); err == nil {
			t.Errorf("%s was read as %+v", name, h)
		}
	}
}

// headOf reads and parses a head through a small buffer, so that lines are longer than it.
func headOf(text string, limit int) (head, error) {
	raw, err := readHead(bufio.NewReaderSize(strings.NewReader(text), 16), nil, limit)
	if err != nil {
		return head{}, err
	}
	return parseHead(string(raw))
}

func TestAHeadEndsWhereItsEmptyLineIs(t *testing.T) {
	// The buffer is full just before a line's end, which must not be taken for an empty line.
	for n := range 64 {
		text := "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", n) + "\r\nB: c\r\n\r\n"
		r := bufio.NewReaderSize(strings.NewReader(text+"body"), 16)
		raw, err := readHead(r, nil, 1000)
		if err != nil || string(raw) != text {
			t.Errorf("%q, %v, want %q", raw, err, text)
		}
		if rest, err := io.ReadAll(r); err != nil || string(rest) != "body" {
			t.Errorf("left %q, %v", rest, err)
		}
	}
}

func TestABrokenOffHeadSaysSo(t *testing.T) {
	if _, err := headOf("HTTP/1.1 2", 1000); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := headOf("HTTP/1.1 200 OK\r\nA: "+strings.Repeat("b", 1000), 1000); !errors.Is(err, errHeadTooLarge) {
		t.Error(err)
	}
}

// FuzzHeadsMeanWhatNetHTTPTakesThemFor: what is accepted here, net/http accepts, and reads the same
// in it.
func FuzzHeadsMeanWhatNetHTTPTakesThemFor(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.0 200\r\n\r\n", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\na:\tc\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\n\n",
	} {
		f.Add(seed)
	}
	get, err := http.NewRequest(http.MethodGet, "http://h/", nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := headOf(text, 1<<16)
		if err != nil {
			return
		}
		l, err := lengthOf(h)
		if err != nil {
			return
		}
		theirs, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), get)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", text, err)
		}
		// What it has understood of the framing, net/http takes out of the header, or puts right.
		for _, framing := range []string{"Transfer-Encoding", "Connection", "Content-Length", "Trailer"} {
			delete(h.header, framing)
			delete(theirs.Header, framing)
		}
		if h.code != theirs.StatusCode || !cmp.Equal(h.header, theirs.Header) {
			t.Errorf("%d %v, net/http %d %v", h.code, h.header, theirs.StatusCode, theirs.Header)
		}
		mayHaveBody := h.code >= 200 && h.code != 304 && h.code != 204
		if mayHaveBody && (l.bytes != theirs.ContentLength || l.chunked != (theirs.TransferEncoding != nil)) {
			t.Errorf("%+v, net/http %d %v", l, theirs.ContentLength, theirs.TransferEncoding)
		}
		if l.keep && theirs.Close && h.code >= 200 {
			t.Errorf("%q is kept, and closed by net/http", text)
		}
	})
}

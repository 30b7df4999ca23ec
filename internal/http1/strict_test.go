//go:build linux

package http1

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	chunked  = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	next     = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
	fourData = "4\r\nwiki\r\n"
)

// headed is a POST of five bytes with further fields.
func headed(fields ...string) string {
	return "POST / HTTP/1.1\r\nHost: x\r\n" + strings.Join(fields, "\r\n") + "\r\n\r\nhello"
}

// both is headed with a length.
func both(coding string) string { return headed(coding, "Content-Length: 5") }

// refused are requests that must be answered 400, with nothing read of the connection after them.
// Each names the rule that it breaks; the section is of RFC 9112 where no other one is named.
var refused = map[string]string{
	// 6.1, 6.3: what delimits the body
	"both":                            both("Transfer-Encoding: chunked"),
	"both, the length last":           headed("Content-Length: 5", "Transfer-Encoding: chunked"),
	"both, the end in the body":       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
	"both, a request in the body":     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 38\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
	"both, a length of zero":          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"both, the length too short":      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"both, the length too long":       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 30\r\n\r\n0\r\n\r\n",
	"both, on HEAD":                   "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"both, a length with a sign":      headed("Transfer-Encoding: chunked", "Content-Length: +5"),
	"both, a length that is none":     headed("Transfer-Encoding: chunked", "Content-Length: abc"),
	"an unknown coding":               both("Transfer-Encoding: xchunked"),
	"an unknown coding alone":         headed("Transfer-Encoding: xchunked"),
	"a coding in capitals":            both("Transfer-Encoding: Chunked"),
	"a coding in capitals alone":      headed("Transfer-Encoding: CHUNKED"),
	"a coding with space behind":      both("Transfer-Encoding: chunked "),
	"a coding with space alone":       strings.Replace(chunked, "chunked", "chunked ", 1) + "0\r\n\r\n",
	"a coding with a tab before":      both("Transfer-Encoding:\tchunked"),
	"a coding with two spaces before": strings.Replace(chunked, "chunked", " chunked", 1) + "0\r\n\r\n",
	"a coding with a vertical tab":    both("Transfer-Encoding: \vchunked"),
	"a coding with a form feed":       both("Transfer-Encoding: \fchunked"),
	"a coding with NUL":               both("Transfer-Encoding: chunked\x00"),
	"a coding twice in a list":        both("Transfer-Encoding: chunked, chunked"),
	"a coding after a comma":          both("Transfer-Encoding: , chunked"),
	"a coding before a comma":         both("Transfer-Encoding: chunked,"),
	"a coding with a parameter":       both("Transfer-Encoding: chunked;ext=val"),
	"chunked is not the last":         strings.Replace(chunked, "chunked", "chunked, gzip", 1) + "0\r\n\r\n",
	"another one before chunked":      strings.Replace(chunked, "chunked", "gzip, chunked", 1) + "0\r\n\r\n",
	"identity":                        both("Transfer-Encoding: identity"),
	"an empty coding":                 both("Transfer-Encoding: "),
	"two codings":                     both("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
	"a coding twice":                  headed("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
	"a coding on HTTP/1.0":            strings.Replace(chunked, "1.1", "1.0", 1) + "0\r\n\r\n",
	"both on HTTP/1.0":                strings.Replace(both("Transfer-Encoding: chunked"), "1.1", "1.0", 1),
	"a coding with _":                 both("Transfer_Encoding: chunked"),
	"a length with _":                 headed("Content_Length: 5"),
	// RFC 9110, 8.6: the length
	"two lengths":                 headed("Content-Length: 5", "Content-Length: 10"),
	"two lengths, a request":      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 33\r\n\r\n" + next,
	"the same length twice":       headed("Content-Length: 5", "Content-Length: 5"),
	"a list of lengths":           headed("Content-Length: 5, 10"),
	"a list of the same length":   headed("Content-Length: 5, 5"),
	"a longer list":               headed("Content-Length: 5, 5, 5"),
	"a length with a minus":       headed("Content-Length: -5"),
	"a length of minus zero":      headed("Content-Length: -0"),
	"a length with a plus":        headed("Content-Length: +5"),
	"a length with a zero":        headed("Content-Length: 005"),
	"a length of two zeros":       headed("Content-Length: 00"),
	"a length that may be octal":  headed("Content-Length: 0200"),
	"an octal length":             headed("Content-Length: 0o5"),
	"a hexadecimal length":        headed("Content-Length: 0x5"),
	"a length with a space in it": headed("Content-Length: 1 0"),
	"a length with _ in it":       headed("Content-Length: 1_0"),
	"a length with space behind":  headed("Content-Length: 5 "),
	"a length with two spaces":    headed("Content-Length:  5"),
	"a length with a tab":         headed("Content-Length:\t5"),
	"an empty length":             headed("Content-Length:"),
	"a length that is none":       headed("Content-Length: five"),
	"a length past 64 bits":       headed("Content-Length: 99999999999999999999"),
	// 7.1: chunks
	"a semicolon alone":             chunked + "4;\r\nwiki\r\n0\r\n\r\n",
	"an extension that is no token": chunked + "4;bad[=x\r\nwiki\r\n0\r\n\r\n",
	"an extension with an empty =":  chunked + "4;a=\r\nwiki\r\n0\r\n\r\n",
	"an extension with NUL":         chunked + "4;\x00ext\r\nwiki\r\n0\r\n\r\n",
	"an extension with CR":          chunked + "4;a\rX\r\nwiki\r\n0\r\n\r\n",
	"an extension that ends in LF":  chunked + "4;a\nwiki\r\n0\r\n\r\n",
	"an extension without an end":   chunked + "4;" + strings.Repeat("a", 100_000) + "\r\nwiki\r\n0\r\n\r\n",
	"a size with _":                 chunked + "1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
	"a size with 0x":                chunked + "0x4\r\nwiki\r\n0\r\n\r\n",
	"a size with a plus":            chunked + "+4\r\nwiki\r\n0\r\n\r\n",
	"a size with a minus":           chunked + "-4\r\nwiki\r\n0\r\n\r\n",
	"a size with space before":      chunked + " 4\r\nwiki\r\n0\r\n\r\n",
	"a size with space behind":      chunked + "4 \r\nwiki\r\n0\r\n\r\n",
	"a size with a tab behind":      chunked + "4\t\r\nwiki\r\n0\r\n\r\n",
	"a size that is none":           chunked + "xyz\r\nwiki\r\n0\r\n\r\n",
	"an empty size":                 chunked + "\r\nwiki\r\n0\r\n\r\n",
	"a size past 64 bits":           chunked + "fffffffffffffffff\r\nwiki\r\n0\r\n\r\n",
	"a size of sixteen digits":      chunked + "ffffffffffffffff\r\nwiki\r\n0\r\n\r\n",
	"a size that ends in LF":        chunked + "4\nwiki\r\n0\r\n\r\n",
	"a size that ends in CR":        chunked + "4\rwiki\r\n0\r\n\r\n",
	"data longer than the size":     chunked + "4\r\nwiki!!\r\n0\r\n\r\n",
	"data without an end":           chunked + "4\r\nwiki0\r\n\r\n",
	"data that ends in LF":          chunked + "4\r\nwiki\n0\r\n\r\n",
	"the last chunk ends in LF":     chunked + fourData + "0\n\r\n",
	"the trailers end in LF":        chunked + fourData + "0\r\n\n",
	"a trailer that frames":         chunked + fourData + "0\r\nContent-Length: 50\r\n\r\n",
	"a trailer that codes":          chunked + fourData + "0\r\nTransfer-Encoding: chunked\r\n\r\n",
	"a trailer that routes":         chunked + fourData + "0\r\nHost: evil.example\r\n\r\n",
	"a trailer that authenticates":  chunked + fourData + "0\r\nAuthorization: Bearer evil\r\n\r\n",
	"a trailer with a type":         chunked + fourData + "0\r\nContent-Type: text/evil\r\n\r\n",
	"a trailer without a colon":     chunked + fourData + "0\r\nnothing\r\n\r\n",
	// 2.2, 5: lines and fields
	"a line that ends in LF":         "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
	"a request line that does":       "GET / HTTP/1.1\nHost: x\r\n\r\n",
	"a head that ends in LF":         "GET / HTTP/1.1\r\nHost: x\r\n\n",
	"a line that ends in CR":         "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n",
	"CR in a value":                  headed("X-Test: val\rue", "Content-Length: 5"),
	"NUL in a value":                 headed("X-Test: val\x00ue", "Content-Length: 5"),
	"a control character in a value": headed("X-Test: val\x01ue", "Content-Length: 5"),
	"a folded line":                  headed("X-Test: a\r\n b", "Content-Length: 5"),
	"a folded coding":                headed("Transfer-Encoding:\r\n chunked", "Content-Length: 5"),
	"a folded coding on OPTIONS":     "OPTIONS / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
	"a folded line, with a tab":      headed("X-Test: a\r\n\tb", "Content-Length: 5"),
	"space before the first field":   "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
	"space before a colon":           headed("X-Test : a", "Content-Length: 5"),
	"a coding, space before a colon": both("Transfer-Encoding : chunked"),
	"a length, space before a colon": headed("Content-Length : 5"),
	"a field without a name":         headed(": a", "Content-Length: 5"),
	"a field without a colon":        headed("nothing", "Content-Length: 5"),
	"a name that is no token":        headed("X[Test]: a", "Content-Length: 5"),
	"a name not in ASCII":            headed("X-Tést: a", "Content-Length: 5"),
	// 3: the request line
	"a target not in ASCII":        "GET /ä HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target with a fragment":     "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target with a tab":          "GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target with a space":        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target with NUL":            "GET /a\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target that is no path":     "GET a HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target of another host":     "GET http://other.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"a target with user and host":  "GET http://a@x/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"no target":                    "GET HTTP/1.1\r\nHost: x\r\n\r\n",
	"two spaces before the target": "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
	"space before the method":      " GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"space after the version":      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
	"no version":                   "GET /\r\nHost: x\r\n\r\n",
	"a version in small letters":   "GET / http/1.1\r\nHost: x\r\n\r\n",
	"a method that is no token":    "G[T / HTTP/1.1\r\nHost: x\r\n\r\n",
	// 3.2: the host
	"no host":               "GET / HTTP/1.1\r\n\r\n",
	"an empty host":         "GET / HTTP/1.1\r\nHost: \r\n\r\n",
	"an empty host, a POST": "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 5\r\n\r\nhello",
	"two hosts":             "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
	"the same host twice":   "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
	"a list of hosts":       "GET / HTTP/1.1\r\nHost: x, other.example\r\n\r\n",
	"a host with a path":    "GET / HTTP/1.1\r\nHost: x/a\r\n\r\n",
	"a host with a user":    "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n",
	"a port that is none":   "GET / HTTP/1.1\r\nHost: x:a\r\n\r\n",
	// RFC 9110, 9.3.1: a body that no read has
	"a body of a GET":             "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
	"a request in a GET's body":   "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\n" + next,
	"a request's beginning in it": "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 25\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n",
	"chunks of a GET":             "GET" + strings.TrimPrefix(chunked, "POST") + "0\r\n\r\n",
	"a body of a HEAD":            "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
	"what follows a length of 0":  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\nX",
}

// net/http answers about half of these with 200, and goes on with what follows them.
func TestRequestsThatTwoCouldReadDifferentlyAreRefused(t *testing.T) {
	for _, fastPath := range []bool{true, false} {
		s := serveWith(t, &http.Server{Handler: echo}, Options{FastPath: fastPath})
		for name, text := range refused {
			t.Run(fmt.Sprintf("fast path %t/%s", fastPath, name), func(t *testing.T) {
				c := dial(t, s.address)
				c.send(t, post("/before", "it")+text+next)
				if r, body := c.receive(t); r.StatusCode != http.StatusOK || body != "POST /before it" {
					t.Fatalf("before it: %d %s", r.StatusCode, body)
				}
				r, err := http.ReadResponse(c.Reader, nil)
				if err != nil || r.StatusCode != http.StatusBadRequest || !r.Close {
					t.Fatalf("%v, %v", r, err)
				}
				_, _ = io.Copy(io.Discard, r.Body)
				c.mustEnd(t)
			})
		}
	}
}

// answered are unusual requests that are well-formed all the same.
var answered = map[string]struct{ text, want string }{
	"a coding":                {chunked + fourData + "0\r\n\r\n", "POST / wiki"},
	"no space before a value": {"POST / HTTP/1.1\r\nHost:x\r\nContent-Length:5\r\n\r\nhello", "POST / hello"},
	"a length of 0":           {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "POST / "},
	"no body":                 {"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / "},
	"chunks":                  {chunked + "4\r\nwiki\r\n0A\r\n0123456789\r\n000\r\n\r\n", "POST / wiki0123456789"},
	"extensions":              {chunked + "4;a;b=c;d=\"e f\"\r\nwiki\r\n0;x\r\n\r\n", "POST / wiki"},
	"a trailer":               {chunked + fourData + "0\r\nX-Checksum: 1\r\n\r\n", "POST / wiki"},
	"a length of 0 on GET":    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "GET / "},
	"tabs in a value":         {"GET / HTTP/1.1\r\nHost: x\r\nA:\tb\tc\t\r\n\r\n", "GET / "},
	"a value not in ASCII":    {"GET / HTTP/1.1\r\nHost: x\r\nA: \xe4\r\n\r\n", "GET / "},
	"an absolute target":      {"GET http://X:80/a?b HTTP/1.1\r\nHost: x:80\r\n\r\n", "GET /a "},
	"an IPv6 host":            {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / "},
	"an escaped path":         {"GET /%61 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a "},
	"100-continue":            {headed("Expect: 100-continue", "Content-Length: 5"), "POST / hello"},
	"a body of 100 kB": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000),
		"POST / " + strings.Repeat("x", 100_000)},
}

func TestUnusualRequestsAreAnswered(t *testing.T) {
	for _, fastPath := range []bool{true, false} {
		s := serveWith(t, &http.Server{Handler: echo}, Options{FastPath: fastPath})
		for name, c := range answered {
			for _, cut := range []int{len(c.text), 1, len(c.text) / 2, len(c.text) - 1} {
				t.Run(fmt.Sprintf("fast path %t/%s cut at %d", fastPath, name, cut), func(t *testing.T) {
					conn := dial(t, s.address)
					conn.send(t, c.text[:cut])
					conn.send(t, c.text[cut:]+next)
					for _, want := range []string{c.want, "GET /next "} {
						r, body := conn.receive(t)
						if r.StatusCode == http.StatusContinue {
							r, body = conn.receive(t)
						}
						if r.StatusCode != http.StatusOK || body != want {
							t.Fatalf("%d %s", r.StatusCode, body)
						}
					}
				})
			}
		}
	}
}

// Some clients send an empty line after the body of a POST. net/http tolerates it; a connection
// that came from the fast path was answered 400.
func TestAnEmptyLineAfterABodyIsSkipped(t *testing.T) {
	for _, blank := range []string{"\r\n", "\n", "\r\n\r\n"} {
		s := serve(t, &http.Server{Handler: echo}, 0)
		c := dial(t, s.address)
		for range 2 {
			c.send(t, post("/a", "b")+blank)
			c.mustAnswer(t, "http1", "POST /a b")
			s.await(t, waiting, 1)
			s.pass(patience)
		}
		c.send(t, odd+post("/a", "b")+blank+odd)
		c.mustAnswer(t, "net/http", "GET /get ")
		c.mustAnswer(t, "net/http", "POST /a b")
		c.mustAnswer(t, "net/http", "GET /get ")
	}
}

func TestPlainGETsStayOnTheFastPath(t *testing.T) {
	c := dial(t, serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", server(w))
		fmt.Fprint(w, r.Method, " ", r.URL.RequestURI(), " ", r.FormValue("query"))
	})}, 0).address)
	for range 3 {
		c.send(t, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		c.mustAnswer(t, "http1", "GET /healthz ")
		c.send(t, "GET /graphql?query=%7Ba%7D HTTP/1.1\r\nHost: x\r\n\r\n")
		c.mustAnswer(t, "http1", "GET /graphql?query=%7Ba%7D {a}")
		c.send(t, post("/a", "b"))
		c.mustAnswer(t, "http1", "POST /a ")
	}
}

// A client that is still sending must be able to read why nobody reads it: without CloseWrite it
// gets a reset.
func TestAnAnswerBeforeTheBodyIsReadReachesTheClient(t *testing.T) {
	for _, fastPath := range []bool{true, false} {
		tooLarge := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		})
		s := serveWith(t, &http.Server{MaxHeaderBytes: 4 << 10, Handler: tooLarge}, Options{FastPath: fastPath})
		for want, text := range map[int]string{
			http.StatusRequestEntityTooLarge:       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + strings.Repeat("x", 1<<20),
			http.StatusRequestHeaderFieldsTooLarge: "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
			http.StatusBadRequest:                  both("Transfer-Encoding: chunked") + strings.Repeat("x", 1<<20),
		} {
			c := dial(t, s.address)
			go func() { _, _ = io.WriteString(c.Conn, text) }()
			time.Sleep(50 * time.Millisecond) // so that the reset, if there is one, arrives first
			if r, err := http.ReadResponse(c.Reader, nil); err != nil || r.StatusCode != want {
				t.Errorf("fast path %t: %v %v, not %d", fastPath, r, err, want)
			}
			_ = c.Close()
		}
	}
}

// After an upgrade, the bytes are no longer HTTP's.
func TestAHijackedConnectionIsNotChecked(t *testing.T) {
	s := serve(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
		_, _ = io.CopyN(conn, buffered, 8)
	})}, 0)
	c := dial(t, s.address)
	c.send(t, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	if r, err := http.ReadResponse(c.Reader, nil); err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(r, err)
	}
	c.send(t, "\x00\n\r :\x81\xff\n")
	echoed := make([]byte, 8)
	if _, err := io.ReadFull(c, echoed); err != nil || string(echoed) != "\x00\n\r :\x81\xff\n" {
		t.Errorf("%q %v", echoed, err)
	}
}

// Connections that send nothing, or never finish a head or a body, make room for others.
func TestConnectionsWithoutACredentialAreBounded(t *testing.T) {
	for _, fastPath := range []bool{true, false} {
		options := Options{FastPath: fastPath, Anonymous: 4, CredentialHeaders: []string{"PRIVATE-TOKEN"}}
		s := serveWith(t, &http.Server{Handler: echo}, options)
		known := dial(t, s.address)
		known.send(t, post("/a", "known", "private-token: t"))
		if _, body := known.receive(t); body != "POST /a known" {
			t.Fatal(body)
		}
		var silent []client
		for i := range 20 {
			c := dial(t, s.address)
			c.send(t, []string{"", "GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", "GET / HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: a\r\n"}[i%4])
			silent = append(silent, c)
			caller := dial(t, s.address)
			caller.send(t, next)
			if _, body := caller.receive(t); body != "GET /next " {
				t.Fatal(body)
			}
		}
		for _, c := range silent[:len(silent)-4] {
			if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
				t.Errorf("fast path %t: a silent connection is still open: %v", fastPath, err)
			}
		}
		known.send(t, post("/a", "known"))
		if _, body := known.receive(t); body != "POST /a known" {
			t.Error(body)
		}
	}
}

func TestSendBuffersAreBounded(t *testing.T) {
	written := make(chan int, 1)
	s := serveWith(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := 0, error(nil)
		for chunk := make([]byte, 16<<10); err == nil; n += len(chunk) {
			_, err = w.Write(chunk)
		}
		written <- n
	})}, Options{FastPath: true, SendBuffer: 64 << 10})
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	_, _ = io.WriteString(conn, post("/a", "b"))
	if n := <-written; n > 1<<20 {
		t.Errorf("%d bytes for a client that reads nothing", n)
	}
}

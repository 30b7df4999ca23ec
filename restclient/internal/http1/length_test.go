package http1

import (
	"errors"
	"io"
	"strings"
	"testing"
)

const plenty = "HTTP/1.1 200 OK\r\n"

func TestBodiesEndWhereTheyShould(t *testing.T) {
	cases := []struct {
		name, answer, body string
		kept               bool
	}{
		{"of a length", ok("[1]"), "[1]", true},
		{"of no length", ok(""), "", true},
		{"of a length said twice", plenty + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]", "[]", true},
		{"in chunks", plenty + "Transfer-Encoding: Chunked\r\n\r\n2\r\n[1\r\n1;x=y\r\n]\r\n0\r\n\r\n", "[1]", true},
		{"in no chunks", plenty + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", true},
		{"in chunks with a trailer", plenty + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nA: b\r\n\r\n", "[]", true},
		{"until the end", plenty + "\r\n[]", "[]", false},
		{"before a close", plenty + "Connection: foo, Close\r\nContent-Length: 2\r\n\r\n[]", "[]", false},
		{"of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]", "[]", false},
		{"longer than the buffer", ok(strings.Repeat("x", 3*readerSize)), strings.Repeat("x", 3*readerSize), true},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", "", true},
		{"no content that may come", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", "", false},
		{"no content in chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "", false},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", "", true},
		{"after informational answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok("[]"), "[]", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := newRawServer(t, func(s *session) {
				for {
					if _, came := s.awaitRequest(); !came {
						return
					}
					s.say(c.answer)
					if !c.kept {
						return
					}
				}
			})
			transport := newTransport(t)
			const calls = 3
			for range calls {
				if got, err := get(t, transport, server.url); err != nil || got != c.body {
					t.Fatalf("%q, %v", got, err)
				}
			}
			want := int32(calls)
			if c.kept {
				want = 1
			}
			if got := server.connections.Load(); got != want {
				t.Errorf("%d connections, want %d", got, want)
			}
		})
	}
}

func TestAnswersThatCanBeReadInTwoWaysAreRefused(t *testing.T) {
	evil := ok("evil")
	cases := map[string]string{
		"both lengths and chunks":    plenty + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil,
		"two lengths":                plenty + "Content-Length: 0\r\nContent-Length: 4\r\n\r\n" + evil,
		"a list of lengths":          plenty + "Content-Length: 4, 4\r\n\r\n[12]" + evil,
		"a negative length":          plenty + "Content-Length: -1\r\n\r\n" + evil,
		"a length with a sign":       plenty + "Content-Length: +4\r\n\r\n[12]" + evil,
		"a length in hexadecimal":    plenty + "Content-Length: 0x4\r\n\r\n[12]" + evil,
		"a length past 63 bits":      plenty + "Content-Length: 9223372036854775808\r\n\r\n" + evil,
		"no length":                  plenty + "Content-Length:\r\n\r\n" + evil,
		"another coding":             plenty + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + evil,
		"chunked twice":              plenty + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil,
		"chunked that looks like it": plenty + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + evil,
		"an empty coding":            plenty + "Transfer-Encoding:\r\n\r\n0\r\n\r\n" + evil,
		"chunks of HTTP/1.0":         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil,
		"too many interim answers":   strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", maxInterim+1) + evil,
		"a switch of protocols":      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + evil,
		"a chunk that is too short":  plenty + "Transfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n" + evil,
		"a chunk of no size":         plenty + "Transfer-Encoding: chunked\r\n\r\n\r\n[]\r\n0\r\n\r\n" + evil,
		"a chunk of negative size":   plenty + "Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n" + evil,
		"a chunk past 64 bits":       plenty + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n[]\r\n0\r\n\r\n" + evil,
		"a bare line feed in chunks": plenty + "Transfer-Encoding: chunked\r\n\r\n2\n[]\r\n0\r\n\r\n" + evil,
		"a bare line feed at an end": plenty + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\n" + evil,
		"an endless trailer":         plenty + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + strings.Repeat("b", 2*maxTrailer),
	}
	for name, answer := range cases {
		t.Run(name, func(t *testing.T) {
			server := newRawServer(t, answering(answer))
			transport := newTransport(t)
			for range 2 {
				if got, err := get(t, transport, server.url); err == nil {
					t.Errorf("read as %q", got)
				}
			}
			if got := server.connections.Load(); got != 2 {
				t.Errorf("%d connections, want one each", got)
			}
		})
	}
}

func TestABodyThatBreaksOffIsNoEnd(t *testing.T) {
	for name, answer := range map[string]string{
		"of a length":          plenty + "Content-Length: 10\r\n\r\n[",
		"before it began":      plenty + "Content-Length: 10\r\n\r\n",
		"within a chunk":       plenty + "Transfer-Encoding: chunked\r\n\r\n10\r\n[",
		"between chunks":       plenty + "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n",
		"before the last line": plenty + "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n",
	} {
		server := newRawServer(t, func(s *session) {
			s.awaitRequest()
			s.say(answer)
		})
		if got, err := get(t, newTransport(t), server.url); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

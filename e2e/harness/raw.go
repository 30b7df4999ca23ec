package harness

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Raw sends text on a connection of its own and returns the first answer and what follows it.
func (g *Gateway) Raw(t testing.TB, text string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.Address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	reader := bufio.NewReader(conn)
	r, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	rest, _ := io.ReadAll(reader)
	return r, string(rest)
}

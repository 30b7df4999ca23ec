package http1

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secureServer is a server with net/http over TLS, and a transport that trusts it.
func secureServer(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *Transport) {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := newTransport(t)
	transport.roots = x509.NewCertPool()
	transport.roots.AddCert(server.Certificate())
	return server, transport
}

func TestServersOfNetHTTPAreUnderstood(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s, accepts %v", r.Proto, r.Header)
		}
		sent, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, strings.Repeat(r.Method+string(sent), 10_000))
	}
	plain := httptest.NewServer(http.HandlerFunc(handler))
	t.Cleanup(plain.Close)
	secure, transport := secureServer(t, handler)
	for _, url := range []string{plain.URL, secure.URL} {
		for range 3 {
			request := newRequest(t, t.Context(), http.MethodPost, url, bytes.NewReader([]byte("{}")))
			got, sent, err := send(transport, request)
			if err != nil || got != strings.Repeat("POST{}", 10_000) || sent != 1 {
				t.Errorf("%s: %.20q, %v, sent %d times", url, got, err, sent)
			}
		}
	}
}

func TestAServerThatIsNotTrustedGetsNoRequest(t *testing.T) {
	server, transport := secureServer(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	transport.roots = nil
	_, sent, err := send(transport, newRequest(t, t.Context(), http.MethodGet, server.URL, nil))
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || sent > 0 {
		t.Errorf("%v, sent %d times", err, sent)
	}
}

func TestAServerWithoutTLSGetsNoRequest(t *testing.T) {
	server := newRawServer(t, func(s *session) { s.say("HTTP/1.1 400 Bad Request\r\n\r\n") })
	_, err := get(t, newTransport(t), strings.Replace(server.url, "http:", "https:", 1))
	if _, ok := errors.AsType[tls.RecordHeaderError](err); !ok {
		t.Error(err)
	}
}

func TestAHandshakeThatTakesTooLongIsATimeout(t *testing.T) {
	server := newRawServer(t, func(s *session) { _, _ = io.Copy(io.Discard, s.in) })
	transport := newTransport(t)
	transport.HandshakeTimeout = 20 * time.Millisecond
	_, err := get(t, transport, strings.Replace(server.url, "http:", "https:", 1))
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Error(err)
	}
}

// together collects what TLS writes, and sends it all at once.
type together struct {
	net.Conn
	kept *bytes.Buffer // nil = send at once
}

func (c *together) Write(p []byte) (int, error) {
	if c.kept == nil {
		return c.Conn.Write(p)
	}
	return c.kept.Write(p)
}

func TestSurplusBytesWithinTLSAreNeverTheNextAnswer(t *testing.T) {
	trusted, transport := secureServer(t, nil)
	config := trusted.TLS.Clone()
	config.NextProtos = nil
	for name, say := range map[string]func(*session){
		"in one record":  func(s *session) { s.say(ok("mine") + ok("evil")) },
		"in two records": func(s *session) { s.say(ok("mine")); s.say(ok("evil")) },
		"and an end":     func(s *session) { s.say(ok("mine")); _ = s.Conn.(*tls.Conn).CloseWrite() },
	} {
		t.Run(name, func(t *testing.T) {
			server := newRawServer(t, func(s *session) {
				writes := &together{Conn: s.Conn}
				secured := tls.Server(writes, config)
				inner := &session{Conn: secured, in: bufio.NewReader(secured)}
				inner.awaitRequest()
				writes.kept = new(bytes.Buffer)
				say(inner)
				_ = s.SetWriteDeadline(time.Time{}) // TLS lets none write after its end
				_, _ = s.Write(writes.kept.Bytes())
				inner.awaitRequest()
			})
			for range 3 {
				got, err := get(t, transport, strings.Replace(server.url, "http:", "https:", 1))
				if err != nil || got != "mine" {
					t.Errorf("%q, %v", got, err)
				}
			}
			if got := server.connections.Load(); got != 3 {
				t.Errorf("%d connections, want one each", got)
			}
		})
	}
}

func TestAddressesHaveTheSchemesPort(t *testing.T) {
	for url, want := range map[string][2]string{
		"http://h": {"h", "h:80"}, "https://h": {"h", "h:443"}, "https://h:8443": {"h", "h:8443"},
		"http://[::1]": {"::1", "[::1]:80"}, "https://[fe80::1%25eth0]:1": {"fe80::1%eth0", "[fe80::1%eth0]:1"},
		"http://b\u00fccher.example": {"xn--bcher-kva.example", "xn--bcher-kva.example:80"},
	} {
		to, err := hostOf(newRequest(t, t.Context(), http.MethodGet, url, nil).URL)
		if err != nil {
			t.Error(err)
		}
		name, address, err := to.address()
		if err != nil || name != want[0] || address != want[1] {
			t.Errorf("%s: %s %s, %v", url, name, address, err)
		}
	}
}

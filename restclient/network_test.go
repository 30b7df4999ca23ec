package restclient

import (
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// gitlabName is a host name that no resolver can resolve.
const gitlabName = "gitlab.jobgraph.invalid"

// secureGitLab is a GitLab at https://gitlabName with a certificate of a private CA.
type secureGitLab struct {
	*httptest.Server
	authority *authority

	mu        sync.Mutex
	protocols []string // of the requests
	resumed   []bool   // TLS sessions, of the requests
}

func newSecureGitLab(t *testing.T, handler http.HandlerFunc, change ...func(*secureGitLab)) *secureGitLab {
	t.Helper()
	g := &secureGitLab{authority: newAuthority(t)}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.protocols, g.resumed = append(g.protocols, r.Proto), append(g.resumed, r.TLS.DidResume)
		g.mu.Unlock()
		handler(w, r)
	}))
	g.EnableHTTP2 = true
	g.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.TLS = &tls.Config{Certificates: []tls.Certificate{g.authority.issue(t, gitlabName)}, NextProtos: []string{"h2", "http/1.1"}}
	for _, f := range change {
		f(g)
	}
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

// client reaches the GitLab through a proxy, which alone can resolve its name.
func (g *secureGitLab) client(t *testing.T, p *proxy, change ...func(*Config)) *Client {
	t.Helper()
	return networkClient(t, "https://"+gitlabName, append([]func(*Config){func(cfg *Config) {
		cfg.Network.RootCAs, cfg.Network.HTTPSProxy = g.authority.pool, p.url
	}}, change...)...)
}

func networkClient(t *testing.T, address string, change ...func(*Config)) *Client {
	t.Helper()
	client := clientOf(t, address, append([]func(*Config){func(cfg *Config) { cfg.Transport = nil }}, change...)...)
	if closer, ok := client.transport.(idleCloser); ok {
		t.Cleanup(closer.CloseIdleConnections)
	}
	return client
}

// proxy connects to one address for every name, and keeps the heads of the requests that it
// receives.
type proxy struct {
	url string
	to  string

	mu          sync.Mutex
	heads       []string
	connections []net.Conn
	copying     sync.WaitGroup
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	p := &proxy{to: to}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		p.mu.Lock()
		for _, c := range p.connections {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.copying.Wait()
		server.Close()
	})
	p.url = server.URL
	return p
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.heads = append(p.heads, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header))
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		r.URL.Host, r.RequestURI = p.to, ""
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = answer.Body.Close() }()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
		return
	}
	upstream, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	down, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = upstream.Close()
		return
	}
	p.mu.Lock()
	p.connections = append(p.connections, upstream, down)
	p.mu.Unlock()
	p.copying.Go(func() { _, _ = io.Copy(upstream, buffered); _ = upstream.Close() })
	p.copying.Go(func() { _, _ = io.Copy(down, upstream); _ = down.Close() })
}

func (p *proxy) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heads)
}

func TestAnHTTPSGitLabBehindAProxyAndAPrivateCA(t *testing.T) {
	gitlab := newSecureGitLab(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != gitlabName || r.Header.Get(HeaderPrivateToken) != token.Value {
			t.Errorf("came as %s with %v", r.Host, r.Header)
		}
		if r.Method == http.MethodPost {
			answer(w, 201, `{"id":7}`)
			return
		}
		answer(w, 200, "[]")
	})
	p := newProxy(t, gitlab.Listener.Addr().String())
	client := gitlab.client(t, p)
	if _, err := client.Fetch(t.Context(), token, "/projects/1/jobs"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(t.Context(), token, Erase("1", 7)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"HTTP/2.0", "HTTP/1.1"}; !slices.Equal(gitlab.protocols, want) {
		t.Errorf("a read and a write over %v, want %v", gitlab.protocols, want)
	}
	for _, head := range p.seen() {
		if !strings.HasPrefix(head, "CONNECT "+gitlabName+":443 ") || strings.Contains(head, token.Value) {
			t.Errorf("the proxy saw %s", head)
		}
	}
	client.transport.(idleCloser).CloseIdleConnections()
	if _, err := client.Fetch(t.Context(), token, "/projects/1/jobs"); err != nil || !gitlab.resumed[2] {
		t.Errorf("%v, session resumed %t", err, gitlab.resumed[2])
	}
}

func TestAProxyThatDoesNotConnectIsAGitLabThatCannotBeReached(t *testing.T) {
	gitlab := newSecureGitLab(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for name, p := range map[string]*proxy{
		"refuses": newProxy(t, "127.0.0.1:1"),
		"is none": {url: "http://127.0.0.1:1"},
	} {
		_, err := gitlab.client(t, p).Send(t.Context(), token, Erase("1", 7))
		if transport := wantTransport(t, err, Unreachable); transport.Sent || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %+v", name, transport)
		}
	}
}

func TestAProxyForPlainHTTPIsASettingOfItsOwn(t *testing.T) {
	gitlab := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[]") }))
	t.Cleanup(gitlab.Close)
	p := newProxy(t, gitlab.Listener.Addr().String())
	for name, c := range map[string]struct {
		network Network
		proxied bool
	}{
		"by the proxy for https":   {Network{HTTPSProxy: p.url}, false},
		"by its own":               {Network{HTTPProxy: p.url}, true},
		"by its own, but not here": {Network{HTTPProxy: p.url, NoProxy: ".invalid"}, false},
	} {
		client := networkClient(t, "http://"+gitlabName, func(cfg *Config) { cfg.Network = c.network })
		_, err := client.Fetch(t.Context(), token, "/job")
		if proxied := err == nil; proxied != c.proxied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAGitLabThatAsksForACertificateGetsIt(t *testing.T) {
	empty := func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[]") }
	gitlab := newSecureGitLab(t, empty, func(g *secureGitLab) {
		g.TLS.ClientAuth, g.TLS.ClientCAs = tls.RequireAndVerifyClientCert, g.authority.pool
	})
	p := newProxy(t, gitlab.Listener.Addr().String())
	certificate := gitlab.authority.issue(t, "gateway")
	with := gitlab.client(t, p, func(cfg *Config) { cfg.Network.Certificate = &certificate })
	if _, err := with.Fetch(t.Context(), token, "/job"); err != nil {
		t.Error(err)
	}
	// The client of TLS 1.3 sends before it learns that it is refused, so the kind of its error
	// depends on which comes first: the alert, or the end of the connection.
	_, err := gitlab.client(t, p).Fetch(t.Context(), token, "/job")
	transport, ok := errors.AsType[*TransportError](err)
	if !ok || transport.Kind != Handshake && transport.Kind != Reset {
		t.Error(err)
	}
	if len(gitlab.protocols) != 1 {
		t.Errorf("%d requests came through", len(gitlab.protocols))
	}
}

func TestAPrivateCAIsNotTrustedByItself(t *testing.T) {
	gitlab := newSecureGitLab(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	p := newProxy(t, gitlab.Listener.Addr().String())
	_, err := gitlab.client(t, p, func(cfg *Config) { cfg.Network.RootCAs = nil }).Fetch(t.Context(), token, "/job")
	wantTransport(t, err, Untrusted)
}

// zipped answers in gzip where that is accepted.
func zipped(t *testing.T, body io.Reader, length int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Accept-Encoding") != "gzip" {
			_, _ = io.WriteString(w, `["plain"]`)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		if _, err := io.CopyN(z, body, length); err != nil && r.Context().Err() == nil {
			t.Log(err) // the client hung up
		}
		_ = z.Close()
	}
}

func TestAnswersAreCompressedWhereThatPays(t *testing.T) {
	const body = `["zipped"]`
	serve := func(t *testing.T) http.HandlerFunc { return zipped(t, strings.NewReader(body), int64(len(body))) }
	for name, c := range map[string]struct {
		secure  bool
		network Network
		want    string
	}{
		"https":                {true, Network{}, body},
		"https, but never":     {true, Network{Compression: CompressionNever}, `["plain"]`},
		"http":                 {false, Network{}, `["plain"]`},
		"http over net/http":   {false, Network{NetHTTP: true}, `["plain"]`},
		"http, but always":     {false, Network{Compression: CompressionAlways}, body},
		"https, and as always": {true, Network{Compression: CompressionAuto}, body},
	} {
		t.Run(name, func(t *testing.T) {
			var client *Client
			network := func(cfg *Config) {
				cfg.Network.Compression, cfg.Network.NetHTTP = c.network.Compression, c.network.NetHTTP
			}
			if c.secure {
				gitlab := newSecureGitLab(t, serve(t))
				client = gitlab.client(t, newProxy(t, gitlab.Listener.Addr().String()), network)
			} else {
				gitlab := httptest.NewServer(serve(t))
				t.Cleanup(gitlab.Close)
				client = networkClient(t, gitlab.URL, network)
			}
			response, err := client.Fetch(t.Context(), token, "/job")
			if err != nil || string(response.Body) != c.want {
				t.Errorf("%v, %v; want %s", response, err, c.want)
			}
		})
	}
}

// blanks is a body that packs well.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestACompressedBombIsRefused(t *testing.T) {
	gitlab := newSecureGitLab(t, zipped(t, blanks{}, 1<<30))
	p := newProxy(t, gitlab.Listener.Addr().String())
	client := gitlab.client(t, p, func(cfg *Config) { cfg.MaxBody = 1 << 20 })
	_, err := client.Fetch(t.Context(), token, "/job")
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != TooLarge {
		t.Error(err)
	}
}

func TestBrokenCompressionIsNotAskedForAgain(t *testing.T) {
	calls := 0
	gitlab := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Encoding", "gzip")
		answer(w, 200, "this is no gzip, is it?")
	}))
	t.Cleanup(gitlab.Close)
	client := networkClient(t, gitlab.URL, func(cfg *Config) { cfg.Network.Compression = CompressionAlways })
	_, err := client.Fetch(t.Context(), token, "/job")
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != InvalidEncoding || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestNetworksThatMeanNothingAreRefused(t *testing.T) {
	for name, network := range map[string]Network{
		"Compression": {Compression: "brotli"},
		"HTTPSProxy":  {HTTPSProxy: "ftp://secret@h"},
		"HTTPProxy":   {HTTPProxy: "http://"},
	} {
		_, err := New(Config{BaseURL: "https://h", Network: network})
		argument, ok := errors.AsType[*ArgumentError](err)
		if !ok || argument.Name != name || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheOwnTransportIsForPlainHTTPNearby(t *testing.T) {
	for name, c := range map[string]struct {
		base    string
		network Network
		own     bool
	}{
		"http":                {"http://h", Network{}, true},
		"http behind a proxy": {"http://h", Network{HTTPProxy: "p:3128"}, false},
		"http compressed":     {"http://h", Network{Compression: CompressionAlways}, false},
		"http, switched off":  {"http://h", Network{NetHTTP: true}, false},
		"https":               {"https://h", Network{}, false},
	} {
		client := networkClient(t, c.base, func(cfg *Config) { cfg.Network = c.network })
		if _, own := client.transport.(*Transport); own != c.own {
			t.Errorf("%s: own transport %t", name, own)
		}
	}
}

package e2e

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// startProxy serves CONNECT, to one address whatever the name is, and counts what else it is asked.
func startProxy(t *testing.T, to string) (url string, connects, others *atomic.Int32) {
	t.Helper()
	connects, others = new(atomic.Int32), new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			others.Add(1)
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		connects.Add(1)
		upstream, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		down, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() { _, _ = io.Copy(upstream, buffered); _ = upstream.Close() }()
		_, _ = io.Copy(down, upstream)
		_ = down.Close()
	}))
	t.Cleanup(server.Close)
	return server.URL, connects, others
}

func TestAGitLabOverHTTPSBehindAProxyWithAPrivateCA(t *testing.T) {
	// httptest's certificate is for example.com, which the proxy alone resolves to this server.
	gitlab := httptest.NewTLSServer(harness.Simulator(fakegitlab.Newest))
	t.Cleanup(gitlab.Close)
	proxy, connects, others := startProxy(t, gitlab.Listener.Addr().String())
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ca := write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: gitlab.Certificate().Raw}))
	token := write("token", []byte(harness.MaintainerToken+"\n"))
	const query = `{ job(project: "1", id: "101") { name } }`

	g := harness.StartAlone(t, "-gitlab-url=https://example.com", "-gitlab-ca-file="+ca, "-https-proxy="+proxy,
		"-gitlab-token-file="+token, "-gitlab-probe=true")
	header := http.Header{"Content-Type": {"application/json"}}
	found := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(query), header)
	if !strings.Contains(found.String(), `"compile"`) {
		t.Errorf("%s", found)
	}
	if connects.Load() == 0 || others.Load() > 0 {
		t.Errorf("the proxy was asked for %d connections and %d other things", connects.Load(), others.Load())
	}

	strange := harness.StartAlone(t, "-gitlab-url=https://example.com", "-https-proxy="+proxy)
	answer := strange.Query(t, query)
	if len(answer.Errors) != 1 || answer.Errors[0].Message != "GitLab's certificate is not trusted by the gateway" || answer.Code() != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("without its CA: %s", answer)
	}
}

func TestACheckTellsWhetherGitLabCanBeUsed(t *testing.T) {
	gitlab := httptest.NewServer(harness.Simulator(fakegitlab.Newest))
	t.Cleanup(gitlab.Close)
	for url, want := range map[string]string{
		gitlab.URL:           "GitLab answers, ",
		"http://127.0.0.1:1": "GitLab cannot be used: the upstream cannot be reached: ",
	} {
		var printed strings.Builder
		if err := harness.Run(t.Context(), []string{"-check", "-gitlab-url=" + url}, &printed, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(printed.String(), want) {
			t.Errorf("no %q in:\n%s", want, &printed)
		}
	}
}

func TestSettingsOfTheNetworkThatAreWrongAreNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for flag, name := range map[string]string{
		"-gitlab-ca-file=" + missing:     "gitlab-ca-file",
		"-gitlab-client-cert=" + missing: "gitlab-client-cert",
		"-gitlab-client-key=" + missing:  "gitlab-client-cert",
		"-gitlab-token-file=" + missing:  "gitlab-token-file",
		"-upstream-gzip=brotli":          "upstream-gzip",
		"-https-proxy=ftp://h":           "https-proxy",
		"-http-proxy=:::":                "http-proxy",
	} {
		err := harness.Run(t.Context(), []string{"-addr=127.0.0.1:0", "-gitlab-url=https://h", flag}, io.Discard, io.Discard)
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}

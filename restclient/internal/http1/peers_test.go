package http1

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestServersOfNetHTTPAreUnderstood(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s, accepts %v", r.Proto, r.Header)
		}
		sent, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, strings.Repeat(r.Method+string(sent), 10_000))
	}))
	t.Cleanup(server.Close)
	transport := newTransport(t)
	for range 3 {
		request := newRequest(t, t.Context(), http.MethodPost, server.URL, bytes.NewReader([]byte("{}")))
		got, sent, err := send(transport, request)
		if err != nil || got != strings.Repeat("POST{}", 10_000) || sent != 1 {
			t.Errorf("%.20q, %v, sent %d times", got, err, sent)
		}
	}
}

func TestAnythingButHTTPIsRefused(t *testing.T) {
	for _, url := range []string{"https://h", "ftp://h", "http://"} {
		if _, err := hostOf(newRequest(t, t.Context(), http.MethodGet, url, nil).URL); err == nil {
			t.Errorf("%s is taken", url)
		}
	}
}

func TestAddressesHaveAPort(t *testing.T) {
	for url, want := range map[string]string{
		"http://h": "h:80", "http://h:8080": "h:8080", "http://[::1]": "[::1]:80",
		"http://[fe80::1%25eth0]:1": "[fe80::1%eth0]:1", "http://b\u00fccher.example": "xn--bcher-kva.example:80",
	} {
		to, err := hostOf(newRequest(t, t.Context(), http.MethodGet, url, nil).URL)
		if err != nil {
			t.Error(err)
		}
		if address, err := to.address(); err != nil || address != want {
			t.Errorf("%s: %s, %v", url, address, err)
		}
	}
}

package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// longQuery has an answer of some hundred kilobytes, without a call to GitLab.
const longQuery = "{ __schema { types { name description fields { name description } } } }"

// plainly returns headers that keep the test's client from asking for gzip by itself.
func plainly(encoding string) http.Header { return http.Header{"Accept-Encoding": {encoding}} }

// unzipped decompresses a body.
func unzipped(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestLongAnswersAreCompressedForClientsThatAcceptIt(t *testing.T) {
	for _, server := range []string{"-fast-server=true", "-fast-server=false"} {
		g := harness.Start(t, harness.Untouched(t), server)
		plain := g.Send(t, http.MethodPost, "/graphql", harness.QueryBody(longQuery), plainly("identity"))
		if plain.Header.Get("Content-Encoding") != "" || len(plain.Errors) > 0 || len(plain.Body) < 50_000 {
			t.Fatalf("%s: %v, %d bytes", server, plain.Header, len(plain.Body))
		}
		for encoding, want := range map[string]bool{
			"gzip": true, "gzip, deflate, br, zstd": true, "br;q=1, gzip;q=0.2": true, "*": true,
			"gzip;q=0, *": false, "br": false, "identity": false, "": false,
		} {
			a, body := g.Encoded(t, http.MethodPost, "/graphql", harness.QueryBody(longQuery), plainly(encoding))
			if got := a.Get("Content-Encoding") == "gzip"; got != want {
				t.Errorf("%s, %q: compressed %t", server, encoding, got)
				continue
			}
			if want {
				if 3*len(body) > len(plain.Body) {
					t.Errorf("%d bytes are %d compressed", len(plain.Body), len(body))
				}
				body = unzipped(t, body)
			}
			if !bytes.Equal(body, plain.Body) {
				t.Errorf("%s, %q: another answer of %d bytes", server, encoding, len(body))
			}
			if !strings.Contains(a.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s, %q: Vary is %q", server, encoding, a["Vary"])
			}
		}
		if a, body := g.Encoded(t, http.MethodPost, "/graphql", harness.QueryBody("{ __typename }"), plainly("gzip")); a.Get("Content-Encoding") != "" ||
			string(body) != `{"data":{"__typename":"Query"}}` {
			t.Errorf("%s: a short answer: %v %s", server, a, body)
		}
	}
}

func TestCompressionCanBeSwitchedOff(t *testing.T) {
	g := harness.Start(t, harness.Untouched(t), "-compression=false")
	a, body := g.Encoded(t, http.MethodPost, "/graphql", harness.QueryBody(longQuery), plainly("gzip"))
	if !json.Valid(body) || a.Get("Content-Encoding") != "" || strings.Contains(a.Get("Vary"), "Accept-Encoding") {
		t.Errorf("%v", a)
	}
}

// A proxy or a client that decompresses may hold the events of a stream back.
func TestStreamsAreNeverCompressed(t *testing.T) {
	for _, accept := range []string{"text/event-stream", `multipart/mixed;subscriptionSpec="1.0"`} {
		g := harness.Start(t, harness.Untouched(t))
		h := plainly("gzip")
		h.Set("Accept", accept)
		a, body := g.Encoded(t, http.MethodPost, "/graphql", harness.QueryBody("subscription { "+strings.Repeat("no", 1000)+" }"), h)
		if a.Get("Content-Encoding") != "" || !bytes.Contains(body, []byte("VALIDATION_FAILED")) {
			t.Errorf("%s: %v %.200s", accept, a, body)
		}
	}
}

// An answer has one tag in every encoding, so that it is found unchanged whatever the client asks
// for the second time.
func TestCompressedAnswersAreRevalidated(t *testing.T) {
	file := manifest(t, "types", longQuery)
	g := harness.Start(t, fakegitlab.New(fakegitlab.Options{}), "-trusted-documents="+file)
	path := "/graphql/types?variables=" + url.QueryEscape(`{}`)
	compressed, _ := g.Encoded(t, http.MethodGet, path, "", plainly("gzip"))
	plain, _ := g.Encoded(t, http.MethodGet, path, "", plainly("identity"))
	tag := compressed.Get("ETag")
	if compressed.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(tag, "W/") || plain.Get("ETag") != tag {
		t.Fatalf("%v and %v", compressed, plain)
	}
	for _, encoding := range []string{"gzip", "identity"} {
		h := plainly(encoding)
		h.Set("If-None-Match", tag)
		a := g.Send(t, http.MethodGet, path, "", h)
		if a.Status != http.StatusNotModified || len(a.Body) != 0 || a.Header.Get("Content-Encoding") != "" || a.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %v", encoding, a.Status, a.Header)
		}
	}
}

package restclient

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestDoReadsAndDecodes(t *testing.T) {
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.RequestURI != "/gitlab/api/v4/projects/group%2Fapp/jobs/8" {
			t.Errorf("called %s %s", r.Method, r.RequestURI)
		}
		if got := r.Header.Get("Accept"); got != "application/json" {
			t.Errorf("accepts %s", got)
		}
		if got := r.Header.Get("User-Agent"); got != "jobgraph" {
			t.Errorf("user agent %s", got)
		}
		answer(w, 200, string(sample(t, "samples/single_job.json")))
	}, func(cfg *Config) { cfg.BaseURL += "/gitlab/" })
	job, response, err := Do(t.Context(), client, token, SingleJob("group/app", 8))
	if err != nil {
		t.Fatal(err)
	}
	if job.Name != "rubocop" || response.Status != 200 {
		t.Errorf("job %q, status %d", job.Name, response.Status)
	}
}

func TestAddressesThatAreNoInstanceAreRefused(t *testing.T) {
	for _, address := range []string{"", "gitlab.example.com", "ftp://h", "http://", "http://u:p@h", "http://h/?q", "http://h/#f", "http://h/api/v4/", "http://h/%zz"} {
		_, err := New(Config{BaseURL: address})
		if _, ok := errors.AsType[*ArgumentError](err); !ok {
			t.Errorf("%q: %v is no ArgumentError", address, err)
		}
		if err != nil && address != "" && strings.Contains(err.Error(), address) {
			t.Errorf("%q is told in %v", address, err)
		}
	}
}

func TestPathsThatLeaveTheAPIAreNotSent(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for _, path := range []string{"", "/", "job", "//evil/job", "/projects/../admin", "/projects/%2e%2e/admin", "/a%2F..%2Fb", "/a b", "/a#b", "/a\n", "/é", "/%zz", "/a\\b"} {
		_, err := client.Fetch(t.Context(), token, path)
		if _, ok := errors.AsType[*ArgumentError](err); !ok {
			t.Errorf("%q: %v is no ArgumentError", path, err)
		}
	}
}

func TestAnswersThatAreNotWhatTheyShouldBe(t *testing.T) {
	cases := []struct {
		name   string
		write  http.HandlerFunc
		reason Reason
	}{
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[{]") }, InvalidJSON},
		{"nothing", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "") }, InvalidJSON},
		{"half of it", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `[{"id":1}`) }, InvalidJSON},
		{"more than it", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `[] []`) }, InvalidJSON},
		{"null", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "null") }, InvalidShape},
		{"an object for a list", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "{}") }, InvalidShape},
		{"null for a job", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[null]") }, InvalidShape},
		{"a job without an ID", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[{}]") }, InvalidShape},
		{"an ID that is no number", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `[{"id":"1"}]`) }, InvalidShape},
		{"a page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<html>"))
		}, InvalidContentType},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, InvalidStatus},
		{"created by a read", func(w http.ResponseWriter, _ *http.Request) { answer(w, 201, "[]") }, InvalidStatus},
		{"too large, as it says", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, strings.Repeat(" ", 2000)) }, TooLarge},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write([]byte("          ")); err != nil {
					return
				}
			}
		}, TooLarge},
		{"truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			answer(w, 200, `[{"id":`)
		}, Truncated},
		{"truncated chunks", func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `[{"id":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, Truncated},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, c.write, func(cfg *Config) { cfg.MaxBody = 1000 })
			_, _, err := Do(t.Context(), client, token, ProjectJobs("1", JobsOptions{}))
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok || invalid.Reason != c.reason {
				t.Errorf("%v, want %s", err, c.reason)
			}
		})
	}
}

func TestJSONIsTakenFromServersThatDoNotSayWhatTheySend(t *testing.T) {
	for _, contentType := range []string{"application/json; charset=utf-8", "application/problem+json", "text/plain", "application/octet-stream", ""} {
		client := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{contentType}
			_, _ = w.Write([]byte("[]"))
		})
		if _, err := client.Fetch(t.Context(), token, "/projects/1/jobs"); err != nil {
			t.Errorf("%q: %v", contentType, err)
		}
	}
}

func TestUnknownFieldsAndWordsNeverFail(t *testing.T) {
	body := `[{"id":1,"status":"dreaming","new_field":{"a":[1]},"runner":{"id":2,"runner_type":"galaxy_type","status":"asleep"},"tag":null,"artifacts":null}]`
	jobs, err := Decode[[]Job](&Response{Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	if jobs[0].Status != "dreaming" || jobs[0].Runner.RunnerType != "galaxy_type" || jobs[0].Artifacts != nil {
		t.Errorf("%+v", jobs[0])
	}
}

func TestRedirectsStayOnTheSameServer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the credential went to another server") }))
	defer elsewhere.Close()
	cases := []struct {
		name     string
		status   int
		location string
		reason   Reason
	}{
		{"moved", 301, "/api/v4/projects/1/jobs", ""},
		{"found", 302, "/api/v4/projects/1/jobs", ""},
		{"temporary", 307, "1/jobs", ""},
		{"permanent", 308, "/api/v4/projects/1/jobs#part", ""},
		{"another host", 301, elsewhere.URL + "/api/v4/projects/1/jobs", ForeignRedirect},
		{"another scheme", 301, "https://{host}/api/v4/projects/1/jobs", ForeignRedirect},
		{"with a user", 301, "http://u:p@{host}/api/v4/projects/1/jobs", ForeignRedirect},
		{"another host without a scheme", 301, "//evil.example/jobs", ForeignRedirect},
		{"nowhere", 301, "", UnexpectedRedirect},
		{"nonsense", 301, "http://%zz", UnexpectedRedirect},
		{"to another path of the host", 302, "/projects/1/jobs", OutsideRedirect},
		{"to a path that begins as the API's does", 302, "/api/v4x/projects/1/jobs", OutsideRedirect},
		{"out of the API by dots", 302, "/api/v4/../../users/sign_in", OutsideRedirect},
		{"out of the API by escaped dots", 302, "/api/v4/%2e%2e/%2e%2e/users/sign_in", OutsideRedirect},
		{"to the API itself", 302, "/api/v4", OutsideRedirect},
		{"in a circle", 301, "/api/v4/projects/old", RedirectLoop},
		{"a kind that is not followed", 303, "/api/v4/projects/1/jobs", InvalidStatus},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get(HeaderPrivateToken) != token.Value {
					t.Error("the credential was lost")
				}
				if !strings.HasSuffix(r.URL.Path, "/old") {
					answer(w, 200, "[]")
					return
				}
				w.Header().Set("Location", strings.ReplaceAll(c.location, "{host}", r.Host))
				w.WriteHeader(c.status)
			})
			response, err := client.Fetch(t.Context(), token, "/projects/old")
			if c.reason == "" {
				if err != nil {
					t.Errorf("%+v, %v", response, err)
				}
				return
			}
			if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Reason != c.reason {
				t.Errorf("%v, want %s", err, c.reason)
			}
		})
	}
}

// counting counts what is dialed.
func counting(dialed *atomic.Int32) func(dialFunc) dialFunc {
	return func(dial dialFunc) dialFunc {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed.Add(1)
			return dial(ctx, network, address)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"answers":   func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, "[]") },
		"chunks":    func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, strings.Repeat(" ", 10_000)) },
		"errors":    func(w http.ResponseWriter, _ *http.Request) { answer(w, 404, `{"message":"404 Not found"}`) },
		"redirects": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/api/v4/job", 301) },
		"pages": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(strings.Repeat("<p>", 1000)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var dialed atomic.Int32
			client := newClient(t, handler, func(cfg *Config) { dialWith(cfg, counting(&dialed)) })
			for range 5 {
				_, _ = client.Fetch(t.Context(), token, "/projects/1/jobs")
			}
			if dialed.Load() != 1 {
				t.Errorf("%d connections, want 1", dialed.Load())
			}
		})
	}
}

func TestACallEndsWithItsContextOrItsTime(t *testing.T) {
	for name, begin := range map[string]func(http.ResponseWriter){
		"before the headers": func(http.ResponseWriter) {},
		"within the body": func(w http.ResponseWriter) {
			answer(w, 200, "[")
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			hang := func(arrived func()) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					begin(w)
					arrived()
					<-r.Context().Done()
				}
			}
			client := newClient(t, hang(func() {}), func(cfg *Config) { cfg.Timeout = 100 * time.Millisecond })
			_, err := client.Fetch(t.Context(), token, "/job")
			wantTransport(t, err, Timeout)

			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err = newClient(t, hang(func() {})).Fetch(ctx, token, "/job")
			wantTransport(t, err, Timeout)

			ctx, cancel = context.WithCancel(t.Context())
			client = newClient(t, hang(cancel))
			_, err = client.Fetch(ctx, token, "/job")
			wantTransport(t, err, Canceled)

			_, err = client.Fetch(ctx, token, "/job")
			wantTransport(t, err, Canceled)
		})
	}
}

func TestErrorsTellNeitherAddressesNorTokens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	client := clientOf(t, "http://"+address)
	_, err = client.Fetch(t.Context(), token, "/job")
	transport := wantTransport(t, err, Unreachable)
	if strings.Contains(err.Error(), address) || strings.Contains(err.Error(), token.Value) {
		t.Errorf("told: %v", err)
	}
	if !strings.Contains(transport.Err.Error(), address) {
		t.Errorf("the cause %v does not help an operator", transport.Err)
	}
}

func wantTransport(t *testing.T, err error, kind Kind) *TransportError {
	t.Helper()
	transport, ok := errors.AsType[*TransportError](err)
	if !ok || transport.Kind != kind {
		t.Fatalf("%v (%+v), want kind %q", err, transport, kind)
	}
	return transport
}

func TestDecodeProcessableTellsJobsFromTriggerJobs(t *testing.T) {
	for name, body := range map[string][]byte{
		"created":      []byte(`{"id":1,"name":"trigger","downstream_pipeline":null}`),
		"with its own": sample(t, "newest/bridge.json"),
	} {
		p, err := DecodeProcessable(&Response{Body: body})
		if err != nil || p.Job != nil || p.Bridge == nil || p.Bridge.ID == 0 {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	for _, name := range []string{"samples/play.json", "samples/retry.json", "newest/job.json"} {
		p, err := DecodeProcessable(&Response{Body: sample(t, name)})
		if err != nil || p.Job == nil || p.Bridge != nil || p.Ambiguous {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if p, err := DecodeProcessable(&Response{Body: []byte(`{"id":1,"runner":null,"artifacts":[]}`)}); err != nil || p.Job == nil || !p.Ambiguous {
		t.Errorf("without a runner manager: %v, %v", p, err)
	}
	for _, body := range []string{"", "null", "[]", `{"downstream_pipeline":null}`, `{"id":1,"downstream_pipeline":1}`} {
		p, err := DecodeProcessable(&Response{Body: []byte(body)})
		if _, ok := errors.AsType[*InvalidError](err); !ok || p != (Processable{}) {
			t.Errorf("%s: %v, %v", body, p, err)
		}
	}
}

func TestTimesKeepTheirText(t *testing.T) {
	job, err := Decode[Job](&Response{Body: []byte(`{"id":1,"created_at":"2024-05-01T10:12:41.850+02:00"}`)})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := job.CreatedAt.Time()
	if err != nil || job.CreatedAt != "2024-05-01T10:12:41.850+02:00" || parsed.UTC().Hour() != 8 {
		t.Errorf("%s, %s, %v", job.CreatedAt, parsed, err)
	}
}

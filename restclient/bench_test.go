package restclient

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
)

// hundredJobs is a page of 100 jobs as the newest release sends them.
func hundredJobs(b *testing.B) []byte {
	b.Helper()
	var one bytes.Buffer
	if err := json.Compact(&one, sample(b, "newest/job.json")); err != nil {
		b.Fatal(err)
	}
	list := append([]byte{'['}, one.Bytes()...)
	for range 99 {
		list = append(append(list, ','), one.Bytes()...)
	}
	return append(list, ']')
}

func BenchmarkFetch(b *testing.B) {
	for name, body := range map[string][]byte{"job": sample(b, "newest/job.json"), "100jobs": hundredJobs(b)} {
		b.Run(name, func(b *testing.B) {
			client := newClient(b, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = w.Write(body)
			})
			benchmarkFetch(b, client)
		})
	}
}

// cannedTransport answers at once: what is left is the client's own cost.
type cannedTransport struct{}

func (t cannedTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: http.NoBody, ContentLength: 0,
	}, nil
}

func BenchmarkFetchWithoutNetwork(b *testing.B) {
	benchmarkFetch(b, clientOf(b, "http://h", func(cfg *Config) { cfg.Transport = cannedTransport{} }))
}

func BenchmarkFetchUnderBreakerAndBound(b *testing.B) {
	benchmarkFetch(b, clientOf(b, "http://h", func(cfg *Config) {
		cfg.Transport = cannedTransport{}
		cfg.Breaker.FailureRate = 0.5
		cfg.MaxConcurrent = 64
	}))
}

func benchmarkFetch(b *testing.B, client *Client) {
	path := ProjectJobs("group/app", JobsOptions{Keyset: true, PerPage: 100}).Path()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Fetch(b.Context(), token, path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode100Jobs(b *testing.B) {
	body := hundredJobs(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode[[]Job](&Response{Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}

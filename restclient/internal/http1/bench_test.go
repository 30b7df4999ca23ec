package http1

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkRoundTrip compares this transport with net/http's, for a job and for a page of a
// hundred, one call after the other and many side by side. The server is in the same process and
// answers without looking; its cost is in both.
func BenchmarkRoundTrip(b *testing.B) {
	for size, bytes := range map[string]int{"2KB": 2 << 10, "200KB": 200 << 10} {
		answer := []byte(ok(strings.Repeat("x", bytes)))
		server := newRawServer(b, func(s *session) { answerEachRead(s, answer) })
		netHTTP := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1024}
		b.Cleanup(netHTTP.CloseIdleConnections)
		for name, transport := range map[string]http.RoundTripper{"http1": newTransport(b), "nethttp": netHTTP} {
			call := func() {
				answer, err := transport.RoundTrip(newRequest(b, b.Context(), http.MethodGet, server.url, nil))
				if err != nil {
					b.Error(err)
					return
				}
				if n, err := io.Copy(io.Discard, answer.Body); n != int64(bytes) || err != nil {
					b.Error(n, err)
				}
				_ = answer.Body.Close()
			}
			b.Run(size+"/"+name+"/alone", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
			})
			b.Run(size+"/"+name+"/abreast", func(b *testing.B) {
				b.ReportAllocs()
				b.SetParallelism(20)
				b.RunParallel(func(loop *testing.PB) {
					for loop.Next() {
						call()
					}
				})
			})
		}
	}
}

// answerEachRead takes every read for a request, which it is where requests are small and come one
// at a time.
func answerEachRead(s *session, answer []byte) {
	request := make([]byte, 4<<10)
	for {
		if _, err := s.Read(request); err != nil {
			return
		}
		_, _ = s.Write(answer)
	}
}

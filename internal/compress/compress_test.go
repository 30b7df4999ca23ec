package compress

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestAcceptsGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"":                  false,
		"gzip":              true,
		"x-gzip":            true,
		"gzip, deflate, br": true,
		"br, GZIP;q=0.5":    true,
		"deflate":           false,
		"identity":          false,
		"gzip;q=0":          false,
		"gzip ; q = 0":      false,
		"gzip; q=0.000, *":  false,
		"*;q=0, gzip":       true,
		"*":                 true,
		"*;q=0.001":         true,
		"*;q=0":             false,
		"gzipped":           false,
		"gzip;q=one":        true, // as if it had no weight
	} {
		if got := AcceptsGzip(http.Header{"Accept-Encoding": {accept}}); got != want {
			t.Errorf("%q: %t", accept, got)
		}
	}
	if AcceptsGzip(http.Header{}) || !AcceptsGzip(http.Header{"Accept-Encoding": {"br", "gzip"}}) {
		t.Error("no field, or two of them")
	}
}

func TestWritersServeManyAnswersAtOnce(t *testing.T) {
	writers := NewWriters()
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			text := strings.Repeat("a line of a log\n", i)
			var out bytes.Buffer
			if err := writers.Compress(&out, []byte("{"), []byte(text), []byte("}")); err != nil {
				t.Error(err)
				return
			}
			z, err := gzip.NewReader(&out)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := io.ReadAll(z); err != nil || string(got) != "{"+text+"}" {
				t.Errorf("%d: %q, %v", i, got, err)
			}
		})
	}
	group.Wait()
}

package compress

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
)

// answer is an answer like those to a list of jobs, of about so many bytes.
func answer(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"data":{"project":{"jobs":{"nodes":[`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"id":"gid://gitlab/Project/%d/Job/%d","name":"rspec unit pg14 %d/24","status":"SUCCESS","stage":"test",`+
			`"duration":%d.%d,"webUrl":"https://gitlab.example.com/group/app/-/jobs/%d","createdAt":"2026-11-24T%02d:%02d:%02d.%03dZ"},`,
			i%7, 900_000+i*i%7919, i%24, i*37%900, i*i%1_000_000, 900_000+i*i%7919, i%24, i*7%60, i*13%60, i*i%1000)
	}
	return append([]byte(strings.TrimSuffix(b.String(), ",")), "]}}}}"...)
}

// BenchmarkCompress is what an answer of 100 KB costs, and how long it gets.
func BenchmarkCompress(b *testing.B) {
	data := answer(100 << 10)
	var out bytes.Buffer
	b.Run("here", func(b *testing.B) {
		writers := NewWriters()
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			_ = writers.Compress(&out, data)
		}
		b.ReportMetric(float64(len(data))/float64(out.Len()), "ratio")
	})
	b.Run("standard library", func(b *testing.B) {
		z := gzip.NewWriter(&out)
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			out.Reset()
			z.Reset(&out)
			_, _ = z.Write(data)
			_ = z.Close()
		}
		b.ReportMetric(float64(len(data))/float64(out.Len()), "ratio")
	})
}

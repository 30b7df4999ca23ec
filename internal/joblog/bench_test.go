package joblog

import (
	"bytes"
	"fmt"
	"testing"
)

// ordinaryLog is a few thousand lines as a build prints them.
func ordinaryLog() []byte {
	var b bytes.Buffer
	for i := range 4000 {
		stamp := fmt.Sprintf("2024-05-22T12:%02d:%02d.%06dZ ", i/60%60, i%60, i)
		switch {
		case i%1000 == 0:
			fmt.Fprintf(&b, "%s00O section_start:%d:step_%d\r\x1b[0K\n%s00O+\x1b[36;1mExecuting step %d\x1b[0;m\n", stamp, i, i, stamp, i)
		case i%1000 == 999:
			fmt.Fprintf(&b, "%s00O section_end:%d:step_%d\r\x1b[0K\n", stamp, i, i/1000*1000)
		case i%20 == 0:
			fmt.Fprintf(&b, "%s01O \x1b[32;1m$ go test ./pkg/number%d\x1b[0;m\n", stamp, i)
		case i%50 == 7:
			fmt.Fprintf(&b, "%s01E \x1b[0;33mWARNING: module number %d is deprecated\x1b[0;m\n", stamp, i)
		default:
			fmt.Fprintf(&b, "%s01O ok  \texample.org/project/internal/package%d\t0.%03ds\tcoverage: 81.5%% of statements\n", stamp, i, i%1000)
		}
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const maxBytes = 1 << 20
	selections := []struct {
		name       string
		collectors func() []Collector
	}{
		{"size", func() []Collector { return []Collector{new(Size)} }},
		{"text_tail_100", func() []Collector { return []Collector{NewTail(100, maxBytes)} }},
		{"lines_last_50", func() []Collector { return []Collector{NewLines(Page{Count: 50, FromEnd: true, MaxBytes: maxBytes})} }},
		{"search", func() []Collector {
			return []Collector{NewLines(Page{Count: 100, Search: "never printed", MaxBytes: maxBytes})}
		}},
		{"sections", func() []Collector { return []Collector{NewSections(1 << 20)} }},
		{"all_at_once", bigCollectors},
	}
	text := ordinaryLog()
	for _, s := range selections {
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(bigLog)
			b.ReportAllocs()
			log := &peakReader{every: 1 << 20}
			log.reset()
			before := log.measure()
			for b.Loop() {
				log.Reader = &endless{text: text, left: bigLog}
				collectors := s.collectors()
				if _, err := Read(b.Context(), log, wide(), collectors...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(max(0, float64(log.peak)-float64(before))/(1<<20), "peak-MiB")
		})
	}
}

// BenchmarkProgress reads lines that were rewritten a thousand times.
func BenchmarkProgress(b *testing.B) {
	log := bytes.Repeat(append(bytes.Repeat([]byte("\x1b[32m████▌     \x1b[0m 45%\r"), 1000), '\n'), 100)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(b.Context(), bytes.NewReader(log), wide(), NewTail(100, 1<<20)); err != nil {
			b.Fatal(err)
		}
	}
}

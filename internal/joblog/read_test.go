package joblog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// clock moves a second on each time it is looked at.
func clock() func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func wide() Limits { return Limits{Bytes: math.MaxInt64, Time: time.Hour, Now: clock()} }

// endless repeats a text up to a number of bytes, and counts those that were taken.
type endless struct {
	text  []byte
	left  int
	taken int
}

func (e *endless) Read(b []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(len(b), e.left)
	for i := 0; i < n; {
		i += copy(b[i:n], e.text[(e.taken+i)%len(e.text):])
	}
	e.left -= n
	e.taken += n
	return n, nil
}

func TestReadFeedsAllCollectorsInOnePass(t *testing.T) {
	size, raw, text, tail, sections := new(Size), NewRaw(99), NewText(99), NewTail(1, 99), NewSections(9)
	log := "section_start:1:a\r\x1b[0KA\nb\n"
	stats, err := Read(t.Context(), iotest.OneByteReader(strings.NewReader(log)), wide(), size, raw, text, tail, sections)
	if err != nil || stats != (Stats{Bytes: int64(len(log)), Complete: true}) {
		t.Fatalf("%+v, %v", stats, err)
	}
	if b, _ := raw.Value(); size.Value() != int64(len(log)) || string(b) != log {
		t.Errorf("%d bytes: %q", size.Value(), b)
	}
	if all, _ := sections.Value(); text.Value() != "A\nb" || tail.Value() != "b" || len(all) != 1 {
		t.Errorf("text %q, tail %q, %d sections", text.Value(), tail.Value(), len(all))
	}
}

func TestReadStopsWhenNothingMoreIsNeeded(t *testing.T) {
	log := &endless{text: []byte("some text\n"), left: math.MaxInt}
	lines := NewLines(Page{Count: 20, MaxBytes: 1 << 20})
	stats, err := Read(t.Context(), log, wide(), lines, NewText(100))
	if err != nil || stats.Complete || log.taken > pieceLen {
		t.Errorf("%+v, %v after %d bytes", stats, err, log.taken)
	}
	if len(lines.Value()) != 20 {
		t.Errorf("got %d lines", len(lines.Value()))
	}
}

func TestReadStopsAtItsLimits(t *testing.T) {
	text := []byte("some text\n")
	for name, c := range map[string]struct {
		limits Limits
		want   LimitError
		bytes  int64
	}{
		"bytes": {Limits{Bytes: 1000, Time: time.Hour, Now: clock()}, LimitError{LimitBytes, "1000 bytes"}, 1000},
		"time":  {Limits{Bytes: math.MaxInt64, Time: 3 * time.Second, Now: clock()}, LimitError{LimitTime, "3s"}, 4 * pieceLen},
	} {
		t.Run(name, func(t *testing.T) {
			first, size := NewLines(Page{Count: 1, MaxBytes: 99}), new(Size)
			stats, err := Read(t.Context(), &endless{text: text, left: math.MaxInt}, c.limits, first, size)
			var limit *LimitError
			if !errors.As(err, &limit) || *limit != c.want || stats.Complete || stats.Bytes != c.bytes {
				t.Errorf("%+v, %v", stats, err)
			}
			if !first.Done() || size.Done() {
				t.Error("which collector has what it needs is not told")
			}
			if !strings.Contains(err.Error(), c.want.Value) || !strings.Contains(err.Error(), string(c.want.Limit)) {
				t.Errorf("%q does not name the limit", err)
			}
		})
	}
}

func TestALogAsLongAsTheLimitIsRead(t *testing.T) {
	limits := wide()
	limits.Bytes = 4
	if stats, err := Read(t.Context(), strings.NewReader("a\nb\n"), limits, new(Size)); err != nil || !stats.Complete {
		t.Errorf("%+v, %v", stats, err)
	}
}

func TestReadTellsWhatWentWrong(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Read(t.Context(), iotest.ErrReader(broken), wide(), new(Size)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	if _, err := Read(ctx, strings.NewReader("a"), wide(), new(Size)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestReadWithoutCollectorsReadsNothing(t *testing.T) {
	if stats, err := Read(t.Context(), iotest.ErrReader(errors.New("read")), wide()); err != nil || stats.Bytes != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}

const (
	bigLog    = 200 << 20
	maxMemory = 32 << 20
)

// bigCollectors are the selections of a big log that memory must not grow with.
func bigCollectors() []Collector {
	const maxBytes = 1 << 20
	return []Collector{
		new(Size),
		NewTail(100, maxBytes),
		NewLines(Page{Count: 50, FromEnd: true, MaxBytes: maxBytes}),
		NewLines(Page{Count: 100, Search: "panic: never printed", MaxBytes: maxBytes}),
		NewSections(1000),
	}
}

func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	progress := []byte("2024-05-22T12:43:46.962646Z 01O " + strings.Repeat("\x1b[32m████▌     \x1b[0m 45%\r", 10000))
	logs := map[string]struct {
		text  []byte
		bytes int
	}{
		"ordinary lines":       {ordinaryLog(), bigLog},
		"one endless line":     {bytes.Repeat([]byte("x"), 1<<16), 20 << 20},
		"one endless progress": {progress[headerLen:], 20 << 20},
		"streams interleaved":  {[]byte(stamped("01O 10%\r", "01E warning", "00O note\r")), 20 << 20},
	}
	for name, c := range logs {
		t.Run(name, func(t *testing.T) {
			log := &peakReader{Reader: &endless{text: c.text, left: c.bytes}, every: 1 << 20}
			log.reset()
			before := log.measure()
			if _, err := Read(t.Context(), log, wide(), bigCollectors()...); err != nil {
				t.Fatal(err)
			}
			if grown := int64(log.peak) - int64(before); grown > maxMemory {
				t.Errorf("the heap grew by %d MiB", grown>>20)
			}
		})
	}
}

// peakReader looks at the heap every so many bytes.
type peakReader struct {
	io.Reader
	every, seen int
	peak        uint64
}

func (p *peakReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if p.seen += n; p.seen >= p.every {
		p.seen = 0
		p.peak = max(p.peak, p.measure())
	}
	return n, err
}

// measure is what the heap has taken from the system, so garbage too.
func (p *peakReader) measure() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}

// reset gives back what earlier work left.
func (p *peakReader) reset() {
	debug.FreeOSMemory()
	p.peak = 0
}

package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/internal/joblog"
	"jobgraph/restclient"
)

// upstream is a log at GitLab, and how its release serves parts of it.
type upstream struct {
	log     string
	ignores bool // ignores the requested range and sends the complete log
	opened  []restclient.TraceRange
	read    int // bytes taken from it
}

func (u *upstream) open(_ context.Context, r restclient.TraceRange) (io.ReadCloser, error) {
	u.opened = append(u.opened, r)
	part := u.log
	if !u.ignores {
		part = part[min(r.Offset, int64(len(part))):]
		if r.Limit > 0 {
			part = part[:min(r.Limit, int64(len(part)))]
		}
	}
	return io.NopCloser(&counted{strings.NewReader(part), &u.read}), nil
}

type counted struct {
	io.Reader
	n *int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += n
	return n, err
}

var someLimits = Limits{
	Bytes:    8 << 20,
	RawBytes: 1 << 20,
	Time:     time.Hour,
	Now:      func() time.Time { return time.Time{} },
}

// tailOf is the text of the last lines of the upstream's log, when GitLab says that it is size
// bytes long.
func tailOf(t *testing.T, u *upstream, lines int, size int64) string {
	t.Helper()
	log := New(Job{ID: 1, Ended: true, LogSize: size}, someLimits, &Budget{})
	if err := log.Want("text", map[string]any{"tail": int64(lines)}); err != nil {
		t.Fatal(err)
	}
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	text, err := log.Text(&lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// stamped is a log of so many lines with the runner's headers.
func stamped(lines, width int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "2026-03-02T11:00:00.000000Z 01O %0*d\n", width, i)
	}
	return b.String()
}

func TestTheEndOfALogIsReadAloneWhereThatIsEnough(t *testing.T) {
	long := stamped(8000, 100) // 1 MB
	size := int64(len(long))
	small := restclient.TraceRange{Offset: size - 64_000, Limit: 80_000}
	huge := stamped(40_000, 100) // 5 MB
	for name, c := range map[string]struct {
		upstream upstream
		lines    int
		size     int64
		opened   []restclient.TraceRange
	}{
		"a short tail": {upstream{log: long}, 100, size, []restclient.TraceRange{small}},
		"a longer tail": {upstream{log: huge}, 2000, int64(len(huge)), []restclient.TraceRange{
			{Offset: int64(len(huge)) - 64_000, Limit: 80_000}, {Offset: int64(len(huge)) - 385_250},
		}},
		"a tail of most of it":      {upstream{log: long}, 7000, size, []restclient.TraceRange{small, {}}},
		"a release that ignores it": {upstream{log: long, ignores: true}, 100, size, []restclient.TraceRange{small}},
		"no size told":              {upstream{log: long}, 100, 0, []restclient.TraceRange{{}}},
		"a small log":               {upstream{log: stamped(50, 10)}, 100, 2000, []restclient.TraceRange{{}}},
		"a size a little too low":   {upstream{log: long}, 100, size - 5000, []restclient.TraceRange{{Offset: size - 69_000, Limit: 80_000}}},
		"a size far too low":        {upstream{log: huge}, 100, size, []restclient.TraceRange{small, {}}},
		"a size far too high":       {upstream{log: long}, 100, 3 * size, []restclient.TraceRange{{Offset: 3*size - 64_000, Limit: 80_000}, {}}},
		"too high, and ignored":     {upstream{log: stamped(600, 10), ignores: true}, 100, size, []restclient.TraceRange{small}},
	} {
		t.Run(name, func(t *testing.T) {
			got := tailOf(t, &c.upstream, c.lines, c.size)
			want := tailOf(t, &upstream{log: c.upstream.log}, c.lines, 0)
			if got != want {
				t.Errorf("%d bytes of text, want %d", len(got), len(want))
			}
			if !slices.Equal(c.upstream.opened, c.opened) {
				t.Errorf("opened %v, want %v", c.upstream.opened, c.opened)
			}
		})
	}
}

// A log of long lines: 5,000 of them are 33 MB, of which the answer has room for 1 MiB.
func TestTheEndOfALogOfLongLinesIsReadInTwoCalls(t *testing.T) {
	log := stamped(5000, 6600)
	u := &upstream{log: log}
	limits := someLimits
	limits.Bytes = 64 << 20
	read := func(size int64) string {
		l := New(Job{ID: 1, Ended: true, LogSize: size}, limits, &Budget{})
		if err := l.Want("text", map[string]any{"tail": int64(5000)}); err != nil {
			t.Fatal(err)
		}
		if err := l.Read(t.Context(), u.open); err != nil {
			t.Fatal(err)
		}
		tail := 5000
		text, err := l.Text(&tail, nil)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	got := read(int64(len(log)))
	if len(u.opened) != 2 || u.read > 5<<20 {
		t.Errorf("opened %v, read %d bytes", u.opened, u.read)
	}
	if want := read(0); got != want || len(got) > 1<<20 || len(got) < 1<<20-10_000 {
		t.Errorf("%d bytes of text, want %d", len(got), len(want))
	}
}

func TestLinesThatGoOnOverTheWindowsBeginningAreNotTaken(t *testing.T) {
	// One line of progress, in parts that go on for longer than the window, and few lines after it.
	var b strings.Builder
	b.WriteString(stamped(3000, 100))
	b.WriteString("2026-03-02T11:00:00.000000Z 01O 0% of everything that there is to download\r\n")
	for i := range 2500 {
		fmt.Fprintf(&b, "2026-03-02T11:00:00.000000Z 01O+%d%%\r\n", i)
	}
	b.WriteString(stamped(10, 100))
	u := &upstream{log: b.String()}
	got := tailOf(t, u, 11, int64(b.Len()))
	want := tailOf(t, &upstream{log: b.String()}, 11, 0)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReadingEndsWithThePageOfLines(t *testing.T) {
	u := &upstream{log: stamped(40_000, 100)}
	log := New(Job{ID: 1}, someLimits, &Budget{})
	if err := log.Want("lines", map[string]any{"first": int64(3)}); err != nil {
		t.Fatal(err)
	}
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	three := 3
	page, err := log.Lines(&three, nil, nil, nil, nil, nil)
	if err != nil || len(page.Edges) != 3 || !page.PageInfo.HasNextPage {
		t.Errorf("%+v, %v", page, err)
	}
	if u.read > 128<<10 {
		t.Errorf("%d bytes were read for three lines", u.read)
	}
}

func TestALimitIsToldWithItsValue(t *testing.T) {
	seconds := 0
	for name, c := range map[string]struct {
		limits Limits
		want   joblog.LimitError
	}{
		"size": {Limits{Bytes: 1000, Now: someLimits.Now}, joblog.LimitError{Limit: joblog.LimitBytes, Value: "1000 bytes"}},
		"time": {
			Limits{Time: 2 * time.Second, Now: func() time.Time { seconds++; return time.Unix(int64(seconds), 0) }},
			joblog.LimitError{Limit: joblog.LimitTime, Value: "2s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{log: stamped(40_000, 100)}
			log := New(Job{ID: 1}, c.limits, &Budget{})
			_ = log.Want("size", nil)
			err := log.Read(t.Context(), u.open)
			if e, ok := errors.AsType[*joblog.LimitError](err); !ok || *e != c.want {
				t.Errorf("%v, want %v", err, &c.want)
			}
		})
	}
}

// A log is bounded while it is read, and again for each place in the answer that holds it.
func TestARequestHoldsNoMoreOfItsLogsThanItMay(t *testing.T) {
	limits := someLimits
	limits.RequestBytes = 100_000
	over := joblog.LimitError{Limit: LimitAnswer, Value: "100000 bytes"}
	u := &upstream{log: stamped(1000, 50)} // 83 kB
	budget := &Budget{}
	for i := range 2 {
		log := New(Job{ID: 1}, limits, budget)
		_ = log.Want("raw", nil)
		err := log.Read(t.Context(), u.open)
		if e, ok := errors.AsType[*joblog.LimitError](err); (i == 1) != (ok && *e == over) {
			t.Errorf("log %d: %v", i, err)
		}
	}
	if kept := budget.kept.Load(); kept != int64(len(u.log)) {
		t.Errorf("%d bytes are counted as kept, want those of the first log", kept)
	}
	log := New(Job{ID: 1}, limits, &Budget{})
	_ = log.Want("raw", nil)
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		_, err := log.Raw()
		if e, ok := errors.AsType[*joblog.LimitError](err); (i == 1) != (ok && *e == over) {
			t.Errorf("alias %d: %v", i, err)
		}
	}
}

// Many pages that are wanted of one log are together bounded while it is read, not afterwards.
func TestReadingStopsWhereManyPagesKeepTooMuch(t *testing.T) {
	limits := someLimits
	limits.RequestBytes = 1 << 20
	budget := &Budget{}
	log := New(Job{ID: 1}, limits, budget)
	for i := range 200 {
		if err := log.Want("lines", map[string]any{"last": int64(500), "search": strings.Repeat("0", i%50)}); err != nil {
			t.Fatal(err)
		}
		if err := log.Want("text", map[string]any{"tail": int64(5000 + i)}); err != nil {
			t.Fatal(err)
		}
	}
	u := &upstream{log: stamped(40_000, 100)}
	err := log.Read(t.Context(), u.open)
	if e, ok := errors.AsType[*joblog.LimitError](err); !ok || e.Limit != LimitAnswer || u.read > 64<<10 {
		t.Errorf("%v after %d bytes", err, u.read)
	}
}

func TestALogsLengthInAnAnswerIsThatOfItsJSON(t *testing.T) {
	for _, text := range []string{"", "plain", "a\"b\\c\n\r\t", "\x1b[0K", "grün 日本"} {
		var b strings.Builder
		graphql.MarshalString(text).MarshalGQL(&b)
		if encodedLength(text) != int64(b.Len()) {
			t.Errorf("%q: %d, want %d", text, encodedLength(text), b.Len())
		}
	}
}

func TestWithoutALimitALogIsReadToItsEnd(t *testing.T) {
	u := &upstream{log: string(bytes.Repeat([]byte("x\n"), 1<<20))}
	log := New(Job{ID: 1}, Limits{Now: time.Now}, &Budget{})
	_ = log.Want("size", nil)
	_ = log.Want("raw", nil)
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	if raw, err := log.Raw(); err != nil || *raw != u.log || log.Size() != 2<<20 {
		t.Errorf("%d bytes, %v", log.Size(), err)
	}
}

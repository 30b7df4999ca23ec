package logs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// pageAfter is the page of lines after a cursor, of a job that has ended or runs.
func pageAfter(t *testing.T, u *upstream, ended bool, first int, after *string) *LineConnection {
	t.Helper()
	log := New(Job{ID: 1, Ended: ended}, someLimits, &Budget{})
	args := map[string]any{"first": int64(first)}
	if after != nil {
		args["after"] = *after
	}
	if err := log.Want("lines", args); err != nil {
		t.Fatal(err)
	}
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	page, err := log.Lines(&first, after, nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// shown are lines as number, section and text, with a mark for one that is not complete.
func shown(page *LineConnection) []string {
	var lines []string
	for _, e := range page.Edges {
		text, _ := e.Node.Text()
		line := fmt.Sprint(e.Node.Number(), " ", text)
		if s := e.Node.Section(); s != nil {
			line = *s + " " + line
		}
		if !e.Node.Complete() {
			line += "…"
		}
		lines = append(lines, line)
	}
	return lines
}

// A log that grows by any number of bytes between two polls loses no text, and each poll reads
// little more than what is new.
func TestPollingARunningLogByCursorLosesNoText(t *testing.T) {
	for name, whole := range map[string]string{
		"with times":    "section_start:1:step_script\r\x1b[0Ktitle\n" + stamped(400, 50),
		"without times": "section_start:1:step_script\r\x1b[0Ktitle\n" + strings.Repeat("\x1b[32mgreen\x1b[0m plain, and the progress: 1%\r2%\r\n", 800),
	} {
		for _, ignores := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", name, ignores), func(t *testing.T) {
				u := &upstream{ignores: ignores}
				lines := map[int]string{}
				var after *string
				for end := 0; end < len(whole); {
					end = min(end+137, len(whole))
					u.log, u.opened, u.read = whole[:end], nil, 0
					page := pageAfter(t, u, end == len(whole), 500, after)
					for i, line := range shown(page) {
						lines[page.Edges[i].Node.Number()] = line
					}
					if len(page.Edges) > 0 {
						after = page.PageInfo.EndCursor
					}
					if len(u.opened) != 1 {
						t.Fatalf("%d bytes of the log: opened %v", end, u.opened)
					}
					if !ignores && end > 2*worthResuming && u.read > 10_000 {
						t.Fatalf("%d bytes of the log: read %d of them", end, u.read)
					}
				}
				want := shown(pageAfter(t, &upstream{log: whole}, true, 500, nil))
				for number, line := range lines {
					if number <= len(want) && want[number-1] != line {
						t.Fatalf("line %d: %q, want %q", number, line, want[number-1])
					}
				}
				if len(lines) < len(want) {
					t.Errorf("%d lines, want %d and more", len(lines), len(want))
				}
			})
		}
	}
}

func TestAPageAfterAnUnfinishedLineBeginsWithIt(t *testing.T) {
	u := &upstream{log: "one\ntwo"}
	page := pageAfter(t, u, false, 10, nil)
	if got := shown(page); !slices.Equal(got, []string{"1 one", "2 two…"}) {
		t.Errorf("got %q", got)
	}
	u.log = "one\ntwo and more\nthree\n"
	page = pageAfter(t, u, false, 10, page.PageInfo.EndCursor)
	if got := shown(page); !slices.Equal(got, []string{"2 two and more", "3 three"}) {
		t.Errorf("got %q", got)
	}
	page = pageAfter(t, u, false, 10, page.PageInfo.EndCursor)
	if got := shown(page); got != nil {
		t.Errorf("got %q", got)
	}
	u.log = "one\ntwo"
	if got := shown(pageAfter(t, u, true, 10, nil)); !slices.Equal(got, []string{"1 one", "2 two"}) {
		t.Errorf("of a job that has ended: %q", got)
	}
}

// chunkOf reads one chunk.
func chunkOf(t *testing.T, u *upstream, ended bool, from int64, limit int) *Chunk {
	t.Helper()
	log := New(Job{ID: 1, Ended: ended}, someLimits, &Budget{})
	if err := log.Want("chunk", map[string]any{"fromByte": from, "limit": int64(limit)}); err != nil {
		t.Fatal(err)
	}
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	c, err := log.Chunk(from, &limit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Chunks join without gap or overlap, on releases with ranges and without, and never end inside a
// character.
func TestChunksJoin(t *testing.T) {
	whole := strings.Repeat("grün 日本語 ", 8000) // 144 kB
	for _, ignores := range []bool{false, true} {
		for _, limit := range []int{1000, 64 << 10, restclient.MaxTraceLimit} {
			u := &upstream{ignores: ignores}
			var got strings.Builder
			from, complete := int64(0), false
			for end := 0; !complete; {
				end = min(end+30_001, len(whole))
				u.log, u.opened, u.read = whole[:end], nil, 0
				c := chunkOf(t, u, end == len(whole), from, limit)
				raw, _ := c.Raw()
				if c.FromByte != from || c.ToByte != from+int64(len(c.Bytes)) || len(u.opened) != 1 ||
					strings.Contains(raw, "\ufffd") {
					t.Fatalf("limit %d: from %d: %d to %d, opened %v: %.40q", limit, from, c.FromByte, c.ToByte, u.opened, raw)
				}
				if !ignores && u.read > limit+worthResuming {
					t.Fatalf("limit %d: from %d: read %d bytes", limit, from, u.read)
				}
				got.Write(c.Bytes)
				from, complete = c.ToByte, c.Complete
			}
			if got.String() != whole {
				t.Errorf("ignores %t, limit %d: %d bytes, want %d", ignores, limit, got.Len(), len(whole))
			}
		}
	}
}

func TestAChunkPastTheEndIsEmpty(t *testing.T) {
	for _, from := range []int64{10, 50_000} {
		c := chunkOf(t, &upstream{log: "short"}, true, from, 100)
		if c.FromByte != from || c.ToByte != from || !c.Complete {
			t.Errorf("from %d: %+v", from, c)
		}
	}
}

// The first call asks for no more than comes before its offset, the second for the rest.
func TestChunkAndLinesShareOneReading(t *testing.T) {
	u := &upstream{log: stamped(2000, 100)}
	log := New(Job{ID: 1}, someLimits, &Budget{})
	_ = log.Want("chunk", map[string]any{"fromByte": int64(100_000)})
	_ = log.Want(
		"lines",
		map[string]any{"after": relay.Cursor{List: lineList, Within: 1, Key: "300 300", Offset: 300 * 133}.Encode()},
	)
	if err := log.Read(t.Context(), u.open); err != nil {
		t.Fatal(err)
	}
	c, err := log.Chunk(100_000, nil)
	if err != nil || string(c.Bytes) != u.log[100_000:100_000+defaultChunk] || len(u.opened) != 2 ||
		u.opened[0].Offset != 300*133 {
		t.Errorf("%d bytes, %v, opened %v", len(c.Bytes), err, u.opened)
	}
}

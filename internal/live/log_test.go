package live

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// text is a log with characters of every length, and bytes that are none.
func text(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "é", "€", "😀", "\x1b[0K", "line\n", "\xff"}
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.Bytes()[:n]
}

func (c *consumer) log() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.bytes)
}

func TestALogIsFollowedEachByteOnceToItsArchivedEnd(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprint("old release: ", old), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
				g.old = old
				all := text(50_000)
				c := follow(t, logOf(e, "a", 61, 0), 0)
				late := (*consumer)(nil)
				for n := 0; n < len(all); n += 701 { // cuts characters
					g.change(func() { g.jobs[61].log = all[:n] })
					pass(3 * time.Second)
					if n > len(all)/2 && late == nil {
						late = follow(t, logOf(e, "a", 61, 1000), 1000)
					}
				}
				g.change(func() { g.jobs[61].log = all })
				g.set(61, "success")
				pass(2 * time.Second)
				g.change(func() { g.jobs[61].archived = int64(len(all)) })
				pass(10 * time.Second)
				<-c.ended
				<-late.ended
				if !c.last || !bytes.Equal(c.log(), all) {
					t.Errorf("complete: %t (%v), %d of %d bytes", c.last, c.err, len(c.log()), len(all))
				}
				if !late.last || !bytes.Equal(late.log(), all[1000:]) {
					t.Errorf("from byte 1000: complete: %t (%v), %d bytes", late.last, late.err, len(late.log()))
				}
				if !old && g.sent > len(all)*11/10+tailBytes {
					t.Errorf("%d bytes were sent of a log of %d", g.sent, len(all))
				}
				if s := e.Size(); s != (Size{}) {
					t.Errorf("left behind: %+v", s)
				}
			})
		})
	}
}

func TestTenMegabytesForManyWatchersAreFetchedOnce(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		all := text(10 << 20)
		g.change(func() { g.jobs[61].log, g.jobs[61].archived = all, int64(len(all)) })
		g.set(61, "success")
		consumers := make([]*consumer, 20)
		for i := range consumers {
			consumers[i] = follow(t, logOf(e, "a", 61, 0), 0)
		}
		pass(time.Minute)
		for i, c := range consumers {
			<-c.ended
			if !c.last || !bytes.Equal(c.log(), all) {
				t.Fatalf("watcher %d: %t %v, %d bytes", i, c.last, c.err, len(c.log()))
			}
			c.bytes = nil
		}
		if g.sent > len(all)*11/10 {
			t.Errorf("%d bytes were sent of a log of %d", g.sent, len(all))
		}
		t.Logf("%d bytes were sent of a log of %d", g.sent, len(all))
	})
}

func TestALogThatWasReplacedEndsTheStream(t *testing.T) {
	for name, final := range map[string][]byte{"shorter": text(5000), "longer": slices.Concat([]byte("x"), text(10_000)),
		"of the same size": slices.Concat([]byte("x"), text(9999))} {
		t.Run(name, func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
				g.change(func() { g.jobs[61].log = text(10_000) })
				c := follow(t, logOf(e, "a", 61, 0), 0)
				pass(time.Second)
				g.change(func() { g.jobs[61].log, g.jobs[61].archived = final, int64(len(final)) })
				g.set(61, "success")
				pass(10 * time.Second)
				<-c.ended
				if _, ok := errors.AsType[*ReplacedError](c.err); !ok {
					t.Errorf("complete: %t, ended with %v", c.last, c.err)
				}
			})
		})
	}
}

func TestAResumeBeyondTheEndOfALogEndsTheStream(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		g.change(func() { g.jobs[61].log = text(100) })
		_, err := logOf(e, "a", 61, 101)(func() {})
		if _, ok := errors.AsType[*ReplacedError](err); !ok {
			t.Errorf("from byte 101 of 100: %v", err)
		}
		c := follow(t, logOf(e, "a", 61, 100), 100)
		g.change(func() { g.jobs[61].log = text(150) })
		pass(10 * time.Second)
		if got := c.log(); !bytes.Equal(got, text(150)[100:100+len(got)]) || len(got) < 46 {
			t.Errorf("from its end: %q", got)
		}
	})
}

func TestAJobThatHasNotBegunCostsNoReadsOfItsLog(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		g.set(61, "pending")
		c := follow(t, logOf(e, "a", 61, 0), 0)
		pass(time.Minute)
		for _, path := range paths(g.made()) {
			if strings.Contains(path, "trace") {
				t.Fatal("the log of a job that waits was read")
			}
		}
		g.change(func() { g.jobs[61].log = []byte("begun\n") })
		g.set(61, "running")
		pass(20 * time.Second)
		if string(c.log()) != "begun\n" {
			t.Errorf("told %q", c.log())
		}
	})
}

func TestAJobWithoutALogIsCompleteAtOnce(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		g.set(61, "skipped")
		g.change(func() { g.jobs[61].finished = time.Time{} })
		c := follow(t, logOf(e, "a", 61, 0), 0)
		pass(time.Second)
		<-c.ended
		if !c.last || len(c.log()) != 0 {
			t.Errorf("complete: %t (%v), %q", c.last, c.err, c.log())
		}
	})
}

func TestALogsPaceIsLearnt(t *testing.T) {
	for every, most := range map[time.Duration]int{3 * time.Second: 220, time.Minute: 40} {
		t.Run(every.String(), func(t *testing.T) {
			bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
				follow(t, logOf(e, "a", 61, 0), 0)
				reads := func() (n int) {
					g.made()
					for range 10 * time.Minute / every {
						g.change(func() { g.jobs[61].log = append(g.jobs[61].log, "more\n"...) })
						pass(every)
					}
					for _, path := range paths(g.made()) {
						if strings.Contains(path, "trace") {
							n++
						}
					}
					return n
				}
				reads()
				n := reads()
				t.Logf("%d reads in ten minutes", n)
				if n > most {
					t.Errorf("%d reads in ten minutes, want %d at most", n, most)
				}
			})
		})
	}
}

// A caller whose token is not the one that polls reads the log by itself.
func TestEachCredentialReadsALogForItself(t *testing.T) {
	bubble(t, Config{}, func(t *testing.T, g *gitlab, e *Engine) {
		a, b := follow(t, logOf(e, "a", 61, 0), 0), follow(t, logOf(e, "b", 61, 0), 0)
		pass(time.Second)
		g.made()
		g.change(func() { g.jobs[61].log = []byte("hello") })
		pass(4 * time.Second)
		readers := map[string]bool{}
		for _, call := range g.made() {
			if strings.Contains(call.path, "trace") {
				readers[call.token] = true
			}
		}
		if string(a.log()) != "hello" || string(b.log()) != "hello" || len(readers) != 2 {
			t.Errorf("%q %q, read with %v", a.log(), b.log(), readers)
		}
	})
}

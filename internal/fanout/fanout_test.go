package fanout

import (
	"strings"
	"sync/atomic"
	"testing"
)

func TestAllAreWaitedForAndAPanicReachesWhoWaits(t *testing.T) {
	var ended atomic.Int64
	defer func() {
		p, ok := recover().(*Panic)
		if !ok || p.Value != "bug" || !strings.Contains(p.String(), "fanout_test.go") {
			t.Errorf("recovered %v", p)
		}
		if n := ended.Load(); n != 10 {
			t.Errorf("%d functions ended before Wait did, want 10", n)
		}
	}()
	var g Group
	for i := range 12 {
		g.Go(func() {
			if i >= 10 {
				panic("bug")
			}
			ended.Add(1)
		})
	}
	g.Wait()
	t.Error("Wait returned")
}

func TestWithoutAPanicWaitReturns(t *testing.T) {
	var g Group
	n := 0
	g.Go(func() { n = 1 })
	g.Wait()
	if n != 1 {
		t.Error("Wait did not wait")
	}
}

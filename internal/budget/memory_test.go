package budget

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTheHeapIsLimitedUnlessItIsAlready(t *testing.T) {
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	LimitHeap(1000)
	if limit := debug.SetMemoryLimit(-1); limit != 800 {
		t.Errorf("the limit is %d", limit)
	}
	LimitHeap(2000)
	if limit := debug.SetMemoryLimit(-1); limit != 800 {
		t.Errorf("the limit that was set is now %d", limit)
	}
}

func TestThereIsAlwaysABound(t *testing.T) {
	if memory := ContainerMemory(); memory <= 0 || memory > math.MaxInt64/2 || Of(memory) <= 0 {
		t.Errorf("%d bytes", memory)
	}
}

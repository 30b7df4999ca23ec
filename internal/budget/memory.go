package budget

import (
	"math"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// DefaultMemory is what the process is made for where its container has no limit.
const DefaultMemory = 512 << 20

// ContainerMemory returns the limit of the process's container, by control groups of version 1 or
// 2, or DefaultMemory where there is none.
func ContainerMemory() int64 {
	limit, err := memlimit.FromCgroup()
	if err != nil || limit == 0 || limit > math.MaxInt64/2 { // how version 1 writes no limit
		return DefaultMemory
	}
	return int64(limit)
}

// Of returns the part of the process's memory that all requests together may reserve. What is left
// is for connections, caches, the collector and what no reservation counts.
func Of(memory int64) int64 { return memory / 4 }

// LimitHeap sets the runtime's soft limit by the process's memory, unless GOMEMLIMIT has set one:
// the collector then runs more often when memory is short.
func LimitHeap(memory int64) {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memory / 5 * 4)
	}
}

// Package harness is what the end-to-end tests stand on: a gateway that is started as it ships,
// in front of an upstream that the test chooses, and a client of it.
//
//   - gateway.go starts the gateway in this process; watch.go does so and checks that nothing is
//     left behind; apart.go starts it in a process of its own, by the package process below, which
//     the benchmark uses too.
//   - client.go sends requests. There is one type of answer: [Answer].
//   - recorder.go notes the REST calls that an upstream gets.
//   - upstreams.go has upstreams that hold back, lie, or mirror their caller; company.go has the
//     data of the others.
//   - giveaways.go finds secrets and internals in what a client receives.
package harness

import (
	"testing"
	"time"
)

// Patience is how long a test waits for something that must happen before it fails.
const Patience = 20 * time.Second

// Receive returns the next value, which must come.
func Receive[T any](t testing.TB, what string, from <-chan T) (v T) {
	t.Helper()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case v = <-from:
	case <-late.C:
		t.Fatalf("still waiting for: %s", what)
	}
	return v
}

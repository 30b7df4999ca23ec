// Package fanout runs functions side by side without letting a panic in one of them end the process: what recovers from panics (a server, an
// executor) does so in the goroutine of the request, which a panic in another goroutine never meets.
package fanout

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Group is a sync.WaitGroup whose Wait panics where one of its functions did. The zero value is ready for use.
type Group struct {
	group sync.WaitGroup
	first sync.Once
	panic *Panic
}

// Panic is what Wait panics with.
type Panic struct {
	Value any    // what the function panicked with
	Stack []byte // where
}

func (p *Panic) String() string { return fmt.Sprintf("%v\n%s", p.Value, p.Stack) }

// Go runs f in a goroutine of its own.
func (g *Group) Go(f func()) {
	g.group.Go(func() {
		defer func() {
			if value := recover(); value != nil {
				g.first.Do(func() { g.panic = &Panic{value, debug.Stack()} })
			}
		}()
		f()
	})
}

// Wait waits for all functions to end. Where some have panicked, it panics with the *Panic of the first.
func (g *Group) Wait() {
	g.group.Wait()
	if g.panic != nil {
		panic(g.panic)
	}
}

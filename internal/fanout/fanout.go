// Package fanout runs functions side by side without letting a panic in one of them end the
// process. A server recovers from panics in the goroutine of the request; a panic in another
// goroutine never gets there.
package fanout

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Group is a sync.WaitGroup whose Wait panics if one of its functions did. The zero value is ready
// for use.
type Group struct {
	group sync.WaitGroup
	first sync.Once
	panic *Panic
}

// Panic is the value that Wait panics with.
type Panic struct {
	Value any    // what the function panicked with
	Stack []byte // of its goroutine
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

// Wait waits for all functions to end. If any has panicked, it panics with the first [*Panic].
func (g *Group) Wait() {
	g.group.Wait()
	if g.panic != nil {
		panic(g.panic)
	}
}

// Package glob matches names against patterns in which * is any run of characters and ? is any one
// character.
//
// A pattern and a name may come from strangers, so matching takes time in proportion to the name,
// whatever the pattern: the pattern is a state machine of at most [MaxBytes] states, kept as the
// bits of four words, and a name is read once.
package glob

import (
	"fmt"
	"sync"
)

// MaxBytes is the longest pattern. GitLab's own names are no longer.
const MaxBytes = 255

// states is a set of states: bit i is set where the first i tokens of the pattern have been
// matched.
type states [(MaxBytes + 1) / 64]uint64

func (s *states) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *states) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// Pattern is a compiled pattern.
type Pattern struct {
	tokens int             // characters and question marks
	stars  states          // a star stands before token i: any character is passed over
	any    states          // token i is a question mark
	chars  map[rune]states // token i is this character
}

// Compile compiles a pattern. Every pattern of up to MaxBytes bytes is valid: * and ? cannot be
// escaped.
func Compile(pattern string) (*Pattern, error) {
	if len(pattern) > MaxBytes {
		return nil, fmt.Errorf("must be %d bytes at most", MaxBytes)
	}
	p := &Pattern{chars: map[rune]states{}}
	for _, c := range pattern {
		switch c {
		case '*':
			p.stars.add(p.tokens)
			continue
		case '?':
			p.any.add(p.tokens)
		default:
			at := p.chars[c]
			at.add(p.tokens)
			p.chars[c] = at
		}
		p.tokens++
	}
	return p, nil
}

// Match reports whether the pattern matches the whole name.
func (p *Pattern) Match(name string) bool {
	now := states{1}
	for _, c := range name {
		char, carry, alive := p.chars[c], uint64(0), uint64(0)
		for i := range now {
			matched := now[i] & (char[i] | p.any[i])
			now[i] = matched<<1 | carry | now[i]&p.stars[i]
			carry = matched >> 63
			alive |= now[i]
		}
		if alive == 0 {
			return false
		}
	}
	return now.has(p.tokens)
}

// Cache keeps compiled patterns. It has no bound of its own: it is for one request, whose size is
// bounded. The zero value is an empty cache.
type Cache struct{ patterns sync.Map }

// Compile returns the compiled pattern, which it compiles at most a few times however many ask for
// it.
func (c *Cache) Compile(pattern string) (*Pattern, error) {
	if p, ok := c.patterns.Load(pattern); ok {
		return p.(*Pattern), nil
	}
	p, err := Compile(pattern)
	if err == nil {
		c.patterns.Store(pattern, p)
	}
	return p, err
}

package process

import (
	"bytes"
	"sync"
)

// Transcript is all that was written to it, by anyone.
type Transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *Transcript) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *Transcript) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

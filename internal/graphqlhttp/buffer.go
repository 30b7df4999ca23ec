package graphqlhttp

import "sync"

// Buffers come in classes, each with a pool of its own: in one pool for all, a few large bodies
// would make every buffer large.
const (
	smallBuffer  = 4 << 10
	mediumBuffer = 64 << 10
	largeBuffer  = 256<<10 + 1 // of the longest body by default, and one byte to see its end
)

// pools are the free buffers of each class.
type pools struct{ small, medium, large sync.Pool }

// of returns the pool for buffers of at least n bytes, and their size; nil if they are too large to
// be kept.
func (p *pools) of(n int) (*sync.Pool, int) {
	switch {
	case n <= smallBuffer:
		return &p.small, smallBuffer
	case n <= mediumBuffer:
		return &p.medium, mediumBuffer
	case n <= largeBuffer:
		return &p.large, largeBuffer
	}
	return nil, n
}

// buffer is a byte slice from a pool.
type buffer struct {
	bytes []byte
	pools *pools
	loan  *[]byte
}

// grow makes room for n bytes and keeps what the buffer holds.
func (b *buffer) grow(n int) {
	pool, size := b.pools.of(n)
	var loan *[]byte
	if pool != nil {
		loan, _ = pool.Get().(*[]byte)
	}
	if loan == nil {
		fresh := make([]byte, 0, size)
		loan = &fresh
	}
	grown := append((*loan)[:0], b.bytes...)
	b.free()
	b.bytes, b.loan = grown, loan
}

// Write appends; it never fails.
func (b *buffer) Write(p []byte) (int, error) {
	if need := len(b.bytes) + len(p); need > cap(b.bytes) {
		b.grow(max(need, 2*cap(b.bytes)))
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// free returns the bytes to the pool; nothing may refer to them any longer.
func (b *buffer) free() {
	if b.loan == nil {
		return
	}
	if pool, size := b.pools.of(cap(b.bytes)); pool != nil && size == cap(b.bytes) {
		*b.loan = b.bytes[:0]
		pool.Put(b.loan)
	}
	b.bytes, b.loan = nil, nil
}

package http1

import "sync"

// bufferBytes is the length of all buffers: of the longest plain request, and of the longest answer
// that is sent in one piece.
const bufferBytes = 16 << 10

type block [bufferBytes]byte

// buffer is bytes in a block from a pool. It may outgrow the block.
type buffer struct {
	bytes []byte
	block *block
}

// take gets a block from the pool, unless there is one.
func (b *buffer) take(pool *sync.Pool) {
	if b.block != nil {
		return
	}
	b.block, _ = pool.Get().(*block)
	if b.block == nil {
		b.block = new(block)
	}
	b.bytes = b.block[:0]
}

// give returns the block to the pool, if there is one; nothing may refer to the bytes any longer.
func (b *buffer) give(pool *sync.Pool) {
	if b.block != nil {
		pool.Put(b.block)
	}
	b.bytes, b.block = nil, nil
}

// giveIfEmpty is give for a buffer that holds nothing.
func (b *buffer) giveIfEmpty(pool *sync.Pool) {
	if len(b.bytes) == 0 {
		b.give(pool)
	}
}

// room is the free part of the block.
func (b *buffer) room() []byte { return b.bytes[len(b.bytes):cap(b.bytes)] }

// drop removes the first n bytes.
func (b *buffer) drop(n int) { b.bytes = b.bytes[:copy(b.bytes, b.bytes[n:])] }

// Write appends; it never fails.
func (b *buffer) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// WriteString appends; it never fails.
func (b *buffer) WriteString(s string) (int, error) {
	b.bytes = append(b.bytes, s...)
	return len(s), nil
}

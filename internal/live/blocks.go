package live

import "container/list"

// blockSize is how logs are divided in the cache.
const blockSize = 128 << 10

// blockCache keeps parts of logs that were read last, within a bound in bytes that all logs share.
// Bytes of a log never change while they are here: a log that was replaced is another owner's.
type blockCache struct {
	limit, bytes int64
	blocks       map[blockKey]*list.Element
	order        *list.List // of *block, the one used last in front
}

type blockKey struct {
	owner *logContent
	index int64
}

// block is a run of bytes within one division of a log.
type block struct {
	key  blockKey
	from int64
	data []byte
}

func newBlockCache(limit int64) blockCache {
	return blockCache{limit: limit, blocks: map[blockKey]*list.Element{}, order: list.New()}
}

// get returns bytes from a place on, up to the end of its block; nil where they are not kept.
func (c *blockCache) get(owner *logContent, from int64) []byte {
	element := c.blocks[blockKey{owner, from / blockSize}]
	if element == nil {
		return nil
	}
	b := element.Value.(*block)
	if from < b.from || from >= b.from+int64(len(b.data)) {
		return nil
	}
	c.order.MoveToFront(element)
	return b.data[from-b.from:]
}

// put keeps bytes of a log. Those that neither adjoin nor overlap what is kept of their block
// replace it.
func (c *blockCache) put(owner *logContent, from int64, data []byte) {
	for len(data) > 0 {
		key := blockKey{owner, from / blockSize}
		n := min(int64(len(data)), (key.index+1)*blockSize-from)
		c.putBlock(key, from, data[:n])
		from, data = from+n, data[n:]
	}
	for c.bytes > c.limit {
		c.remove(c.order.Back())
	}
}

func (c *blockCache) putBlock(key blockKey, from int64, data []byte) {
	element := c.blocks[key]
	if element == nil {
		element = c.order.PushFront(&block{key: key, from: from})
		c.blocks[key] = element
	}
	c.order.MoveToFront(element)
	b := element.Value.(*block)
	end := b.from + int64(len(b.data))
	switch {
	case from >= b.from && from <= end: // goes on where the block ends
		if skip := end - from; skip < int64(len(data)) {
			b.data = append(b.data, data[skip:]...)
			c.bytes += int64(len(data)) - skip
		}
	case from < b.from && from+int64(len(data)) >= b.from: // ends where the block begins
		head := append([]byte(nil), data[:b.from-from]...)
		c.bytes += int64(len(head))
		b.data, b.from = append(head, b.data...), from
	default:
		c.bytes += int64(len(data) - len(b.data))
		b.data, b.from = append([]byte(nil), data...), from
	}
}

func (c *blockCache) remove(element *list.Element) {
	b := c.order.Remove(element).(*block)
	delete(c.blocks, b.key)
	c.bytes -= int64(len(b.data))
}

// drop forgets all of a log.
func (c *blockCache) drop(owner *logContent) {
	for key, element := range c.blocks {
		if key.owner == owner {
			c.remove(element)
		}
	}
}

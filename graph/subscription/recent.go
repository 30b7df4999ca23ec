package subscription

// recentBytes is how much of the executed chunks of a log is kept.
const recentBytes = 1 << 20

// recent are the chunks of a log that were executed last, oldest first: subscribers that follow one
// another through a long log share them. Bytes of a log do not change, so that a kept chunk is
// valid for every subscriber at its first byte.
type recent struct {
	chunks []recentChunk
	bytes  int
}

type recentChunk struct {
	after int64
	event *event
}

// get returns the chunk that begins at a position; nil where it is not kept.
func (r *recent) get(after int64) *event {
	for _, c := range r.chunks {
		if c.after == after {
			return c.event
		}
	}
	return nil
}

// add keeps a chunk, and drops old ones past the bound.
func (r *recent) add(after int64, e *event) {
	r.chunks = append(r.chunks, recentChunk{after, e})
	r.bytes += len(e.response.Data)
	for r.bytes > recentBytes && len(r.chunks) > 1 || len(r.chunks) > maxRecent {
		r.bytes -= len(r.chunks[0].event.response.Data)
		r.chunks = append(r.chunks[:0], r.chunks[1:]...)
	}
}

// maxRecent is how many chunks are kept at most, however short they are.
const maxRecent = 64

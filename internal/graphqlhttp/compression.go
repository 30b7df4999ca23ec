package graphqlhttp

import "jobgraph/internal/compress"

// compressedFrom is the length from which an answer is compressed. A shorter one fits the first
// packet of a connection anyway.
const compressedFrom = 1 << 10

// shrinking is by how much answers get shorter at least, mostly: the first size of a buffer.
const shrinking = 4

// compress compresses an answer into a.zipped, and reports whether it has. The answer is complete
// before it is sent, so that its length is known and a client that reads slowly holds no writer. If
// there is no memory for it, it is not compressed.
//
// That an answer mixes a job's secrets with what its client chose (aliases) does not reveal them by
// its length, as with BREACH: credentials are headers that no page can make a browser send, and
// requests of other sites are refused.
func (a *answer) compress(head string, data []byte, tail string) bool {
	n := len(head) + len(data) + len(tail)
	if a.transport.gzip == nil || n <= compressedFrom || !compress.AcceptsGzip(a.params.Headers) {
		return false
	}
	if a.account.Grow(int64(n)) != nil {
		return false
	}
	a.zipped.grow(n / shrinking)
	// A buffer takes everything, so this cannot fail.
	_ = a.transport.gzip.Compress(&a.zipped, []byte(head), data, []byte(tail))
	a.w.Header()["Content-Encoding"] = []string{compress.Coding}
	return true
}

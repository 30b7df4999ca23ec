// Package compress compresses answers with gzip, for clients that accept it.
//
// gzip is the one coding that every client takes. zstd answers are a tenth shorter, but an encoder
// takes several times the memory.
package compress

import (
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Coding is the name of the coding, for Content-Encoding.
const Coding = "gzip"

// AcceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3). A refusal by name overrides a
// wildcard.
func AcceptsGzip(h http.Header) bool {
	fields := h["Accept-Encoding"]
	if len(fields) == 0 {
		return false
	}
	wildcard := false
	for element := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		coding, parameter, _ := strings.Cut(element, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case Coding, "x-gzip": // the same coding, by section 8.4.1.3
			return !refused(parameter)
		case "*":
			wildcard = !refused(parameter)
		}
	}
	return wildcard
}

// refused reports whether a coding's parameter is a weight of 0.
func refused(parameter string) bool {
	name, weight, _ := strings.Cut(parameter, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
	return strings.EqualFold(strings.TrimSpace(name), "q") && err == nil && q == 0
}

// level is the fastest one: the next ones make JSON a few percent shorter, for up to twice the CPU.
const level = gzip.BestSpeed

// Writers are the writers that all answers share. There is one for each CPU, since compressing
// waits for nothing else: their memory is bounded, about 1 MB each. They are made at first use.
type Writers struct{ free chan *gzip.Writer }

// NewWriters returns writers for this machine.
func NewWriters() *Writers {
	n := runtime.GOMAXPROCS(0)
	w := &Writers{free: make(chan *gzip.Writer, n)}
	for range n {
		w.free <- nil
	}
	return w
}

// Compress writes an answer, given in pieces, to a buffer. It must not be a connection: a client
// that reads slowly would keep a writer from the others.
func (w *Writers) Compress(buffer io.Writer, pieces ...[]byte) error {
	z := <-w.free
	if z == nil {
		z, _ = gzip.NewWriterLevel(nil, level) // the level is a valid one
	}
	defer func() {
		z.Reset(nil) // the buffer belongs to the caller
		w.free <- z
	}()
	z.Reset(buffer)
	for _, piece := range pieces {
		if _, err := z.Write(piece); err != nil {
			return err
		}
	}
	return z.Close()
}

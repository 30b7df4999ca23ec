package http1

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// errLength is the error of an answer whose body has no certain end. Read in another way than it
// was meant, the rest of it would be taken for the answer to the next request.
var errLength = &MalformedError{"http1: the length of the answer's body is in doubt"}

// length is where an answer's body ends.
type length struct {
	chunked bool
	bytes   int64 // -1 = where the connection ends, or where the chunks do
	keep    bool  // the connection can be used again after it
}

// lengthOf applies RFC 9112, section 6.3, and refuses what it leaves to the reader's judgement.
func lengthOf(h head) (length, error) {
	chunked, err := isChunked(h)
	if err != nil {
		return length{}, err
	}
	declared, err := contentLength(h.header)
	if err != nil {
		return length{}, err
	}
	keep := h.http11 && !httpguts.HeaderValuesContainsToken(h.header["Connection"], "close")
	switch {
	case chunked && declared >= 0:
		return length{}, errLength
	case h.code == http.StatusNoContent || h.code == http.StatusNotModified:
		// These have no body, whatever their header fields say. A server that announces one may
		// still send it, so the connection is not reused.
		spoken := chunked || declared > 0 && h.code == http.StatusNoContent
		return length{keep: keep && !spoken}, nil
	case chunked:
		return length{chunked: true, bytes: -1, keep: keep}, nil
	case declared >= 0:
		return length{bytes: declared, keep: keep}, nil
	}
	return length{bytes: -1}, nil
}

func isChunked(h head) (bool, error) {
	values, found := h.header["Transfer-Encoding"]
	if !found {
		return false, nil
	}
	if !h.http11 || len(values) != 1 || !strings.EqualFold(values[0], "chunked") {
		return false, errLength
	}
	return true, nil
}

// contentLength is -1 where none is declared. A value that is repeated is no doubt.
func contentLength(h http.Header) (int64, error) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return -1, nil
	}
	for _, value := range values[1:] {
		if value != values[0] {
			return 0, errLength
		}
	}
	// 63 bits, and no sign, which ParseUint does not take.
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil {
		return 0, errLength
	}
	return int64(n), nil
}

package fakegitlab

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is a complete response before it is sent. Its body is in memory, or generated while it is
// sent (a log).
type answer struct {
	status int
	header http.Header
	body   []byte
	stream *io.SectionReader // instead of body
	caller string            // the name of the request's token, for the call log
}

// inJSON returns an answer with v as JSON. Like Rails, encoding/json writes <, > and & as \u
// escapes.
func inJSON(status int, v any) *answer {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		panic(err) // this package's own types can be encoded
	}
	body.Truncate(body.Len() - 1) // the encoder's line feed
	a := &answer{status: status, header: http.Header{}, body: body.Bytes()}
	a.header.Set("Content-Type", "application/json")
	return a
}

// answer returns the response for the problem.
func (p *problem) answer() *answer {
	a := &answer{status: p.status, header: p.header.Clone(), body: p.body}
	if a.header == nil {
		a.header = http.Header{}
	}
	a.header.Set("Content-Type", "application/json")
	if p.text {
		a.header.Set("Content-Type", "text/plain")
	}
	return a
}

// finish adds the headers that GitLab sends with every response, and turns the answer into a 304 if
// the client already has the same bytes.
func (a *answer) finish(r *http.Request, number uint64, took time.Duration) {
	id := fmt.Sprintf("01JOBS%020s", strings.ToUpper(strconv.FormatUint(number, 32)))
	id = strings.ReplaceAll(id, " ", "0")
	a.header.Set("X-Request-Id", id)
	a.header.Set("X-Runtime", strconv.FormatFloat(took.Seconds(), 'f', 6, 64))
	a.header.Set("X-Gitlab-Meta", `{"correlation_id":"`+id+`","version":"1"}`)
	a.header.Set("X-Content-Type-Options", "nosniff")
	a.header.Set("X-Frame-Options", "SAMEORIGIN")
	a.header.Set("Vary", "Origin")
	a.header.Set("Cache-Control", "no-cache")
	isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
	if a.status != http.StatusOK || !isRead || a.stream != nil {
		return
	}
	sum := sha256.Sum256(a.body)
	etag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
	a.header.Set("ETag", etag)
	a.header.Set("Cache-Control", "max-age=0, private, must-revalidate")
	if r.Header.Get("If-None-Match") == etag {
		a.status, a.body = http.StatusNotModified, nil
		a.header.Del("Content-Type")
	}
}

func (a *answer) write(w http.ResponseWriter) {
	a.writeHeader(w)
	if a.stream == nil {
		_, _ = w.Write(a.body) // an error means that the client went away
		return
	}
	_, _ = io.Copy(w, a.stream)
}

func (a *answer) writeHeader(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.FormatInt(a.size(), 10))
	}
	w.WriteHeader(a.status)
}

func (a *answer) size() int64 {
	if a.stream != nil {
		return a.stream.Size()
	}
	return int64(len(a.body))
}

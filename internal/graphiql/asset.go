package graphiql

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"jobgraph/internal/compress"
)

const (
	immutable  = "public, max-age=31536000, immutable"
	revalidate = "no-cache"
)

// gzipMagic is how a gzip file starts (RFC 1952, section 2.3.1).
var gzipMagic = []byte{0x1f, 0x8b}

// asset is a file as it is sent. It is held gzipped, which is what nearly every client takes.
type asset struct {
	gzipped      []byte
	digest       string
	contentType  string
	cacheControl string
}

// newAsset takes a file that may be gzipped already.
func newAsset(content []byte, contentType, cacheControl string) (*asset, error) {
	sum := sha256.Sum256(content)
	if !bytes.HasPrefix(content, gzipMagic) {
		var err error
		if content, err = compressed(content); err != nil {
			return nil, err
		}
	}
	return &asset{
		gzipped:      content,
		digest:       hex.EncodeToString(sum[:8]),
		contentType:  contentType,
		cacheControl: cacheControl,
	}, nil
}

// address returns the path that a file is served at: app.js.gz becomes
// /assets/graphiql/app.0123456789abcdef.js.
func (a *asset) address(name string) string {
	name = strings.TrimSuffix(path.Base(name), ".gz")
	extension := path.Ext(name)
	return Assets + strings.TrimSuffix(name, extension) + "." + a.digest + extension
}

// ServeHTTP answers conditional requests and HEAD too. The ETag is weak because it names both
// encodings.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	body := a.gzipped
	if compress.AcceptsGzip(r.Header) {
		h.Set("Content-Encoding", compress.Coding)
	} else {
		var err error
		if body, err = decompress(a.gzipped); err != nil {
			http.Error(w, "the file is damaged", http.StatusInternalServerError)
			return
		}
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", a.cacheControl)
	h.Set("ETag", `W/"`+a.digest+`"`)
	h.Set("Vary", "Accept-Encoding")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func compressed(content []byte) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}

func decompress(gzipped []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(gzipped))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

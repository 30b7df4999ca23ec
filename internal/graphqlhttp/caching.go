package graphqlhttp

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/internal/documents"
)

// mayBeKept reports whether an answer may be kept by its caller's own cache: that of a GET that
// names its document, without errors. Its address then determines everything that it depends on
// except the caller, whose headers are in Vary.
func (a *answer) mayBeKept(response *graphql.Response) bool {
	_, byID := a.params.Extensions[documents.IDKey]
	return a.method == http.MethodGet && byID && len(response.Errors) == 0 && len(response.Extensions) == 0
}

// revalidate sets the headers of an answer that may be kept, and reports whether the client has it
// already: then it has been answered by 304. No lifetime is set, because a job can change at any
// time, even a finished one: it can be erased or retried. The tag is weak because it is that of the
// answer in every encoding.
func (a *answer) revalidate(response *graphql.Response) (known bool) {
	sum := sha256.Sum256(response.Data)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h := a.w.Header()
	h["Cache-Control"] = a.transport.headers.revalidated
	h["Etag"] = []string{tag}
	if !matches(a.params.Headers.Values("If-None-Match"), tag) {
		return false
	}
	delete(h, "Content-Type")
	a.w.WriteHeader(http.StatusNotModified)
	return true
}

// matches reports whether If-None-Match names a tag, by the weak comparison of RFC 9110, section
// 13.1.2.
func matches(fields []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, field := range fields {
		for one := range strings.SplitSeq(field, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

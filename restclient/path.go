package restclient

import (
	"net/url"
	"strconv"
	"strings"
)

// ProjectID names a project as REST does: by its number ("42") or by its full path, unescaped
// ("group/app").
type ProjectID string

// Validate returns an [*ArgumentError] where p cannot name a project: empty, a "." or ".." for a
// segment, or a control character. What passes is escaped into a single segment of the path, so
// that it can reach no other endpoint.
func (p ProjectID) Validate() error {
	if problem := p.problem(); problem != "" {
		return &ArgumentError{Name: "project", Problem: problem}
	}
	return nil
}

func (p ProjectID) problem() string {
	if p == "" {
		return "it is empty"
	}
	for i := range len(p) {
		if p[i] < ' ' || p[i] == 0x7f {
			return "it has a control character"
		}
	}
	for segment := range strings.SplitSeq(string(p), "/") {
		switch segment {
		case "":
			return "it has an empty path segment"
		case ".", "..":
			return "it has a relative path segment"
		}
	}
	return ""
}

// endpoint builds a path below /api/v4. It remembers the first thing wrong with what it was given,
// for a path that is wrong is never sent.
type endpoint struct {
	path    []byte
	query   bool
	problem *ArgumentError
}

func newEndpoint(p ProjectID) *endpoint {
	e := &endpoint{path: make([]byte, 0, 128)}
	if problem := p.problem(); problem != "" {
		e.problem = &ArgumentError{Name: "project", Problem: problem}
		return e
	}
	e.path = append(e.path, "/projects/"...)
	e.path = append(e.path, url.PathEscape(string(p))...)
	return e
}

// in adds "/<collection>/<id>".
func (e *endpoint) in(collection string, id int64) *endpoint {
	if id <= 0 && e.problem == nil {
		e.problem = &ArgumentError{Name: collection, Problem: "an ID is a positive number"}
	}
	e.path = append(e.path, '/')
	e.path = append(e.path, collection...)
	e.path = append(e.path, '/')
	e.path = strconv.AppendInt(e.path, id, 10)
	return e
}

// then adds "/<segment>".
func (e *endpoint) then(segment string) *endpoint {
	e.path = append(e.path, '/')
	e.path = append(e.path, segment...)
	return e
}

// param adds a query parameter; name must be escaped already.
func (e *endpoint) param(name, value string) *endpoint {
	separator := byte('&')
	if !e.query {
		separator, e.query = '?', true
	}
	e.path = append(e.path, separator)
	e.path = append(e.path, name...)
	e.path = append(e.path, '=')
	e.path = append(e.path, url.QueryEscape(value)...)
	return e
}

// number adds a query parameter unless it is zero, GitLab's own default.
func (e *endpoint) number(name string, value int) *endpoint {
	if value == 0 {
		return e
	}
	return e.param(name, strconv.Itoa(value))
}

// scope adds the statuses in the form that every release understands: scope[]=a&scope[]=b.
func (e *endpoint) scope(statuses []string) *endpoint {
	for _, status := range statuses {
		e.param("scope%5B%5D", status)
	}
	return e
}

// string is the finished path, "" where something was wrong.
func (e *endpoint) string() string {
	if e.problem != nil {
		return ""
	}
	return string(e.path)
}

package graph

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/internal/graphqlhttp"
	"jobgraph/restclient"
)

// morePaths is how many further paths a merged error tells.
const morePaths = 100

// merged is the errors of one answer as the client sees them: by path, one for each cause, and at most so many. Fields are executed side by
// side, so that they come in any order; a failing upstream call fails every field that needs it, and is told at the first, with the further
// paths in extensions.paths. 0 tells all.
func merged(list gqlerror.List, most int) gqlerror.List {
	slices.SortStableFunc(list, func(a, b *gqlerror.Error) int { return comparePaths(a.Path, b.Path) })
	out := make(gqlerror.List, 0, len(list))
	first := map[any]*gqlerror.Error{}
	for _, e := range list {
		cause := causeOf(e)
		if told := first[cause]; told != nil && cause != nil {
			addPath(told, e.Path)
			continue
		}
		first[cause] = e
		out = append(out, e)
	}
	if most <= 0 || len(out) <= most {
		return out
	}
	left := len(out) - most
	return append(out[:most], &gqlerror.Error{
		Message:    fmt.Sprintf("%d more errors are left out", left),
		Extensions: map[string]any{"code": errcode.TooManyErrors, "limit": "errors", "value": most},
	})
}

// addPath tells one more path of an error. The extensions are copied first: an error that several fields share shares them too.
func addPath(e *gqlerror.Error, path ast.Path) {
	paths, _ := e.Extensions["paths"].([]ast.Path)
	if len(paths) >= morePaths {
		return
	}
	if paths == nil {
		e.Extensions = maps.Clone(e.Extensions)
	}
	e.Extensions["paths"] = append(paths, path)
}

// causeOf is what makes two errors the same failure: the upstream call's own error, or the limit that was met. Nil where nothing does.
func causeOf(e *gqlerror.Error) any {
	if cause, ok := errors.AsType[*restclient.Error](e.Err); ok {
		return cause
	}
	if cause, ok := errors.AsType[*restclient.InvalidError](e.Err); ok {
		return cause
	}
	if cause, ok := errors.AsType[*loader.LimitError](e.Err); ok {
		return *cause
	}
	if cause, ok := errors.AsType[*graphqlhttp.TimeoutError](e.Err); ok {
		return *cause
	}
	if cause, ok := errors.AsType[*restclient.TransportError](e.Err); ok {
		return cause
	}
	return nil
}

func comparePaths(a, b ast.Path) int {
	return slices.CompareFunc(a, b, func(x, y ast.PathElement) int {
		i, xIndex := x.(ast.PathIndex)
		j, yIndex := y.(ast.PathIndex)
		switch {
		case xIndex && yIndex:
			return cmp.Compare(i, j)
		case xIndex: // never meets a name on one answer's paths; any fixed order will do
			return -1
		case yIndex:
			return 1
		}
		n, _ := x.(ast.PathName)
		m, _ := y.(ast.PathName)
		return cmp.Compare(n, m)
	})
}

package presenter

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

// maxPaths is how many further paths a merged error lists.
const maxPaths = 100

// Merge returns the errors of one answer as the client reads them: in the order of their paths, one
// for each cause, and most of them at most (0 is no limit). Fields are executed in parallel, so
// that their errors come in any order. One upstream call that fails makes an error of every field
// that needs it: it is shown at the first of their paths, with the others in extensions.paths.
func Merge(list gqlerror.List, most int) gqlerror.List {
	slices.SortStableFunc(list, func(a, b *gqlerror.Error) int { return comparePaths(a.Path, b.Path) })
	out := make(gqlerror.List, 0, len(list))
	first := map[any]*gqlerror.Error{}
	for _, e := range list {
		cause := causeOf(e)
		if shown := first[cause]; shown != nil && cause != nil {
			addPath(shown, e.Path)
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

// addPath adds a path to an error. The extensions are copied first: where several fields share an
// error, they share its extensions.
func addPath(e *gqlerror.Error, path ast.Path) {
	paths, _ := e.Extensions["paths"].([]ast.Path)
	if len(paths) >= maxPaths {
		return
	}
	if paths == nil {
		e.Extensions = maps.Clone(e.Extensions)
	}
	e.Extensions["paths"] = append(paths, path)
}

// causeOf returns what two errors of the same failure have in common: the error of the upstream
// call, or the limit that was met; nil if there is neither.
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
		case xIndex: // a response never has a name and an index at one place; any fixed order is correct
			return -1
		case yIndex:
			return 1
		}
		n, _ := x.(ast.PathName)
		m, _ := y.(ast.PathName)
		return cmp.Compare(n, m)
	})
}

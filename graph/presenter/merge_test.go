package presenter

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/restclient"
)

func at(err error, steps ...any) *gqlerror.Error {
	e := &gqlerror.Error{Err: err, Message: "failed", Extensions: map[string]any{"code": "X"}}
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			e.Path = append(e.Path, ast.PathName(step))
		case int:
			e.Path = append(e.Path, ast.PathIndex(step))
		}
	}
	return e
}

// gqlgen reports a failing upstream call once for each field that needs it, in the order in which
// the fields fail.
func TestAFailingCallIsToldOnceAtItsFirstPath(t *testing.T) {
	call, other := &restclient.TransportError{}, &restclient.TransportError{}
	got := Merge(gqlerror.List{
		at(call, "b", 10), at(other, "c"), at(fmt.Errorf("wrapped: %w", call), "b", 9), at(call, "a", "z"),
		at(errors.New("a bug"), "d"), at(errors.New("a bug"), "d", "e"),
	}, 0)
	var paths []string
	for _, e := range got {
		paths = append(paths, e.Path.String())
	}
	if diff := cmp.Diff([]string{"a.z", "c", "d", "d.e"}, paths); diff != "" {
		t.Error(diff)
	}
	further := got[0].Extensions["paths"].([]ast.Path)
	if len(further) != 2 || further[0].String() != "b[9]" || further[1].String() != "b[10]" {
		t.Errorf("further paths: %v", further)
	}
	if got[1].Extensions["paths"] != nil {
		t.Error("a call that failed one field has further paths")
	}
}

func TestALimitIsToldOnce(t *testing.T) {
	got := Merge(
		gqlerror.List{
			at(&loader.LimitError{Limit: "calls", Value: 5}, "a"),
			at(&loader.LimitError{Limit: "calls", Value: 5}, "b"),
		},
		0,
	)
	if len(got) != 1 || len(got[0].Extensions["paths"].([]ast.Path)) != 1 {
		t.Errorf("%v", got)
	}
}

// An error that several fields share is not changed under the hands of whoever else holds it.
func TestMergingLeavesSharedExtensionsAlone(t *testing.T) {
	call := &restclient.InvalidError{}
	first := at(call, "a")
	shared := first.Extensions
	Merge(gqlerror.List{first, at(call, "b")}, 0)
	if len(shared) != 1 {
		t.Errorf("%v", shared)
	}
}

func TestErrorsPastTheLimitAreCounted(t *testing.T) {
	var list gqlerror.List
	for i := range 1000 {
		list = append(list, at(errors.New("a bug"), "a", i))
	}
	got := Merge(list, 10)
	last := got[len(got)-1]
	if len(got) != 11 || last.Message != "990 more errors are left out" ||
		last.Extensions["code"] != errcode.TooManyErrors ||
		last.Extensions["value"] != 10 {
		t.Errorf("%d errors, the last: %v", len(got), last)
	}
}

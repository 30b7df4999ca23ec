package paging

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// upstream pages a list of numbers.
func upstream(all []int64, calls *int) Reader[int64] {
	return func(_ context.Context, path string) ([]int64, restclient.Page, error) {
		*calls++
		var page, per int
		if _, err := fmt.Sscanf(path, "%d/%d", &page, &per); err != nil {
			return nil, restclient.Page{}, err
		}
		from, to := min((page-1)*per, len(all)), min(page*per, len(all))
		total := len(all)
		return all[from:to], restclient.Page{HasNext: to < len(all), Total: &total, Number: page}, nil
	}
}

func offsetRequest(all []int64, calls *int) *Request[int64] {
	return &Request[int64]{
		ID: func(n int64) int64 { return n }, Read: upstream(all, calls), Path: func(r Rest) string { return fmt.Sprintf("%d/%d", r.Number, r.PerPage) },
	}
}

func descending(from, n int64) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = from - int64(i)
	}
	return all
}

// TestFitFindsARestPageThatHoldsTheRows: that is one call where there is such a page of 100 at most.
func TestFitFindsARestPageThatHoldsTheRows(t *testing.T) {
	for lo := range 250 {
		for n := 1; n <= MaxPerPage; n++ {
			page, per := fit(lo, lo+n)
			if from := (page - 1) * per; from > lo || from+per <= lo || per > MaxPerPage || per < MaxPerPage && from+per < lo+n {
				t.Fatalf("rows %d to %d: page %d of %d", lo, lo+n, page, per)
			}
		}
	}
}

func TestManyNewRowsAtTheHeadAreReadInLargePages(t *testing.T) {
	calls := 0
	r := offsetRequest(descending(2000, 2000), &calls)
	r.Page = relay.Page{Size: 1, After: &relay.Cursor{Key: "1000", Offset: 0}} // when it was seen, it was the newest
	w, err := Offset(t.Context(), r)
	if err != nil || !slices.Equal(w.Rows, []int64{999}) || calls > 13 {
		t.Errorf("got %v, %v in %d calls", w.Rows, err, calls)
	}
}

func TestAPageThatRepeatsItselfForEverIsRefused(t *testing.T) {
	r := offsetRequest(nil, nil)
	r.Page = relay.Page{Size: 500}
	r.Read = func(context.Context, string) ([]int64, restclient.Page, error) {
		return descending(100, 100), restclient.Page{HasNext: true}, nil
	}
	if _, err := Offset(t.Context(), r); !errors.Is(err, errNoProgress) {
		t.Errorf("got %v", err)
	}
}

// TestAScanEndsWithinItsBudgetAlsoInTheMiddleOfARestPage: rows after the cut are left to the next page, lest they come twice.
func TestAScanEndsWithinItsBudgetAlsoInTheMiddleOfARestPage(t *testing.T) {
	calls := 0
	r := offsetRequest(descending(3000, 3000), &calls)
	r.Keep, r.Sparse = func(n int64) bool { return n%400 == 0 }, true
	r.Page = relay.Page{Size: 10, After: &relay.Cursor{Key: "2950", Offset: 50}}
	w, err := Offset(t.Context(), r)
	if err != nil || !slices.Equal(w.Rows, []int64{2800, 2400, 2000}) || !w.HasNext || w.CutAt != 1950 {
		t.Errorf("got %v, cut at %d, %v", w.Rows, w.CutAt, err)
	}
}

func TestAFilterStopsWhenTheRequestEnds(t *testing.T) {
	for _, backward := range []bool{false, true} {
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the client is gone")
		looked := 0
		r := offsetRequest(descending(100, 100), new(int))
		r.Keep = func(int64) bool {
			if looked++; looked == 3 {
				cancel(gone)
			}
			return true
		}
		r.Page = relay.Page{Size: 100, Backward: backward}
		if _, err := Offset(ctx, r); !errors.Is(err, gone) || looked != 3 {
			t.Errorf("backward %t: %d rows were looked at, %v", backward, looked, err)
		}
	}
}

// TestAListIsNotTakenToBeInOrderWithinAPage: GitLab's documentation shows one that is not.
func TestAListIsNotTakenToBeInOrderWithinAPage(t *testing.T) {
	calls := 0
	r := offsetRequest([]int64{6, 7}, &calls)
	r.Page = relay.Page{Size: 10}
	if w, err := Offset(t.Context(), r); err != nil || !slices.Equal(w.Rows, []int64{6, 7}) {
		t.Errorf("got %v, %v", w.Rows, err)
	}
}

func TestKeysetCursorsAreOfGitLabsForm(t *testing.T) {
	for want, cursor := range map[string]string{
		`{"id":"1234","_kd":"n"}`: restCursor(1234, "n"), `{"id":"1234","_kd":"p"}`: restCursor(1234, "p"), `{"_kd":"p"}`: restCursor(0, "p"),
	} {
		if got, err := base64.URLEncoding.DecodeString(cursor); err != nil || string(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := restCursor(1234, "n"); got != "eyJpZCI6IjEyMzQiLCJfa2QiOiJuIn0=" {
		t.Errorf("got %s", got)
	}
}

package paging

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// upstream pages a list of numbers. Its pages may be read side by side.
func upstream(all []int64, calls *int) Reader[int64] {
	var counting sync.Mutex
	return func(_ context.Context, path string) ([]int64, restclient.Page, error) {
		counting.Lock()
		*calls++
		counting.Unlock()
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
		ID: func(n int64) int64 { return n }, Read: upstream(all, calls),
		Path: func(r Rest) string { return fmt.Sprintf("%d/%d", r.Number, r.PerPage) },
	}
}

func descending(from, n int64) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = from - int64(i)
	}
	return all
}

// TestFitFindsARestPageThatHoldsTheRows: that is one call where there is such a page of 100 at
// most.
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

// TestAScanEndsWithinItsBudgetAlsoInTheMiddleOfARestPage: rows after the cut are left to the next
// page, lest they come twice.
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

// newestFirst pages a list by keyset as GitLab does, unless its release is without; it counts the
// calls.
type newestFirst struct {
	all       []int64
	calls     int
	noCursors bool // no X-Next-Cursor and X-Prev-Cursor
	noKeyset  bool // pages are numbered, also if keyset pagination was requested
}

func (u *newestFirst) read(_ context.Context, path string) ([]int64, restclient.Page, error) {
	u.calls++
	var cursor string
	var page, per int
	if _, err := fmt.Sscanf(path, "%d/%d/%q", &page, &per, &cursor); err != nil {
		return nil, restclient.Page{}, err
	}
	if u.noKeyset || page > 0 {
		page = max(page, 1)
		from, to := min((page-1)*per, len(u.all)), min(page*per, len(u.all))
		info := restclient.Page{HasNext: to < len(u.all), Number: page}
		if info.HasNext {
			info.NextPath = fmt.Sprintf(`%d/%d/""`, page+1, per)
		}
		return u.all[from:to], info, nil
	}
	var at struct {
		ID  int64  `json:"id,string"`
		Dir string `json:"_kd"`
	}
	if raw, err := base64.URLEncoding.DecodeString(cursor); err != nil || len(raw) > 0 && json.Unmarshal(raw, &at) != nil {
		return nil, restclient.Page{}, errors.New("not a cursor of GitLab's")
	}
	from, to := 0, len(u.all)
	if at.Dir == "p" {
		to = len(u.all)
		if at.ID != 0 {
			to = slices.Index(u.all, at.ID)
		}
		from = max(0, to-per)
	} else if at.ID != 0 {
		from = slices.Index(u.all, at.ID) + 1
	}
	to = min(to, from+per)
	info := restclient.Page{HasNext: to < len(u.all) || at.Dir == "p"}
	if !u.noCursors && info.HasNext {
		info.NextCursor = "next"
	}
	if !u.noCursors && from > 0 {
		info.PrevCursor = "previous"
	}
	return u.all[from:to], info, nil
}

func (u *newestFirst) request(page relay.Page) *Request[int64] {
	return &Request[int64]{
		Page: page, ID: func(n int64) int64 { return n }, Read: u.read,
		Path: func(r Rest) string { return fmt.Sprintf("%d/%d/%q", r.Number, r.PerPage, r.Cursor) },
	}
}

// A last page of exactly 100 rows is the whole of a list of 100, and not of one of 101.
func TestAFullLastPageHasAPreviousPageOnlyWhereThereIsOne(t *testing.T) {
	for _, noCursors := range []bool{false, true} {
		for _, n := range []int64{99, 100, 101, 200, 201} {
			for _, size := range []int{99, 100, 200} {
				u := &newestFirst{all: descending(n, n), noCursors: noCursors}
				w, err := Keyset(t.Context(), u.request(relay.Page{Size: size, Backward: true}))
				if err != nil || len(w.Rows) != min(size, int(n)) || w.HasPrev != (int(n) > size) {
					t.Errorf("%d of %d rows, a previous page: %t, %v", len(w.Rows), n, w.HasPrev, err)
				}
			}
		}
	}
}

// Each page of a list that is not paged by keyset costs the same, however deep it is.
func TestAListWithoutKeysetIsPagedByOffset(t *testing.T) {
	for name, backward := range map[string]bool{"forward": false, "backward": true} {
		u := &newestFirst{all: descending(5000, 2500), noKeyset: true}
		page := relay.Page{Size: 50, Backward: backward}
		want := slices.Clone(u.all)
		if backward { // from a row far down
			page.Before = &relay.Cursor{Key: "2600", Offset: 2400}
			want = want[:2400]
		}
		var got []int64
		for range len(u.all) {
			before := u.calls
			w, err := Keyset(t.Context(), u.request(page))
			if err != nil {
				t.Fatalf("%s: %v after %d rows", name, err, len(got))
			}
			if u.calls-before > 2 {
				t.Errorf("%s: %d calls for a page after %d rows", name, u.calls-before, len(got))
			}
			n := len(w.Rows)
			if more := w.HasNext; backward {
				got = append(slices.Clone(w.Rows), got...)
				page.Before = &relay.Cursor{Key: fmt.Sprint(w.Rows[0]), Offset: w.Offsets[0]}
				if !w.HasPrev {
					break
				}
			} else {
				got = append(got, w.Rows...)
				page.After = &relay.Cursor{Key: fmt.Sprint(w.Rows[n-1]), Offset: w.Offsets[n-1]}
				if !more {
					break
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
		}
	}
}

func TestTheEndOfALongListWithoutKeysetIsRefusedWithAReason(t *testing.T) {
	u := &newestFirst{all: descending(5000, 2500), noKeyset: true}
	_, err := Keyset(t.Context(), u.request(relay.Page{Size: 50, Backward: true}))
	if e, ok := errors.AsType[*relay.ArgumentError](err); !ok || e.Argument != "last" {
		t.Errorf("got %v", err)
	}
	u.all = descending(900, 900)
	w, err := Keyset(t.Context(), u.request(relay.Page{Size: 50, Backward: true}))
	if err != nil || !slices.Equal(w.Rows, descending(50, 50)) || !w.HasPrev || w.Offsets[0] != 850 {
		t.Errorf("got %v at %v, %v", w.Rows, w.Offsets, err)
	}
}

func TestAWholeListIsReadWhereGitLabDoesNotTellItsLength(t *testing.T) {
	for n, want := range map[int64]error{0: nil, 99: nil, 100: nil, 250: nil, MaxRows: nil, MaxRows + 1: ErrTooLong} {
		u := &newestFirst{all: descending(n, n), noKeyset: true}
		all, err := All(t.Context(), *u.request(relay.Page{}))
		if !errors.Is(err, want) || err == nil && !slices.Equal(all, u.all) {
			t.Errorf("%d of %d rows, %v", len(all), n, err)
		}
	}
}

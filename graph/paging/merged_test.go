package paging

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// byStatus is a list that can be read by a row's status only, one at a time.
type byStatus struct {
	rows []int64 // newest first; a row's status is its remainder by 3
}

func (u *byStatus) request(page relay.Page) (Request[int64], []func(Rest) string) {
	r := Request[int64]{Page: page, ID: func(n int64) int64 { return n }, Read: u.read}
	paths := make([]func(Rest) string, 3)
	for status := range paths {
		paths[status] = func(r Rest) string { return fmt.Sprintf("%d/%d/%d", status, r.Number, r.PerPage) }
	}
	return r, paths
}

func (u *byStatus) read(_ context.Context, path string) ([]int64, restclient.Page, error) {
	var status, page, per int
	if _, err := fmt.Sscanf(path, "%d/%d/%d", &status, &page, &per); err != nil {
		return nil, restclient.Page{}, err
	}
	all := slices.DeleteFunc(slices.Clone(u.rows), func(n int64) bool { return n%3 != int64(status) })
	total, from, to := len(all), min((page-1)*per, len(all)), min(page*per, len(all))
	return all[from:to], restclient.Page{HasNext: to < total, Total: &total, Number: page}, nil
}

// walkMerged pages through the merged list, and calls between after each page.
func walkMerged(t *testing.T, u *byStatus, size int, backward bool, between func()) []int64 {
	t.Helper()
	page := relay.Page{Size: size, Backward: backward}
	var rows []int64
	var hints []int
	for range 1000 {
		r, paths := u.request(page)
		// The reads of one page run side by side, over a list that does not change meanwhile.
		counted := make(chan struct{}, 1000)
		r.Read = func(ctx context.Context, path string) ([]int64, restclient.Page, error) {
			counted <- struct{}{}
			return u.read(ctx, path)
		}
		m, err := Merge(t.Context(), r, paths, hints)
		if err != nil {
			t.Fatal(err)
		}
		if calls := len(counted); calls > 9 {
			t.Fatalf("%d calls for a page of %d", calls, size)
		}
		n := len(m.Rows)
		if backward {
			rows = append(slices.Clone(m.Rows), rows...)
			if !m.HasPrev {
				return rows
			}
			page.Before, hints = &relay.Cursor{Key: strconv.FormatInt(m.Rows[0], 10)}, m.Hints[0]
		} else {
			rows = append(rows, m.Rows...)
			if !m.HasNext {
				return rows
			}
			page.After, hints = &relay.Cursor{Key: strconv.FormatInt(m.Rows[n-1], 10)}, m.Hints[n-1]
		}
		between()
	}
	t.Fatal("the walk does not end")
	return nil
}

// Rows of three lists come out once each and in order, also while new ones come and old ones go.
func TestSeveralListsArePagedAsOne(t *testing.T) {
	for _, backward := range []bool{false, true} {
		for _, size := range []int{1, 2, 7, 20, 100, 250} {
			for name, between := range map[string]func(*byStatus){
				"at rest": func(*byStatus) {},
				"growing": func(u *byStatus) {
					if u.rows[0] < 1100 {
						u.rows = slices.Insert(u.rows, 0, u.rows[0]+1, u.rows[0]+3)
					}
				},
			} {
				u := &byStatus{rows: descending(1000, 300)}
				got := walkMerged(t, u, size, backward, func() {
					between(u)
					slices.Sort(u.rows)
					slices.Reverse(u.rows)
					u.rows = slices.Compact(u.rows)
				})
				got = slices.DeleteFunc(got, func(n int64) bool { return n > 1000 })
				if !slices.Equal(got, descending(1000, 300)) {
					t.Errorf("pages of %d, backward %t, %s: %d rows: %v", size, backward, name, len(got), got)
				}
			}
		}
	}
}

func TestTheTotalOfSeveralListsIsTheirSum(t *testing.T) {
	u := &byStatus{rows: descending(1000, 301)}
	r, paths := u.request(relay.Page{Size: 5})
	m, err := Merge(t.Context(), r, paths, nil)
	if err != nil || m.Total == nil || *m.Total != 301 || !m.HasNext || m.HasPrev {
		t.Errorf("%+v, %v", m.Window, err)
	}
}

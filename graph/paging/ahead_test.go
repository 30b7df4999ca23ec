package paging_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"jobgraph/graph/paging"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// heldList is a list that is paged by offset. Pages after the first are not answered before so many
// of them are asked for.
type heldList struct {
	rows, together int

	mu      sync.Mutex
	pages   []int
	waiting int
	open    chan struct{}
}

func (l *heldList) request(page relay.Page) *paging.Request[int] {
	l.open = make(chan struct{})
	return &paging.Request[int]{
		Page: page, ID: func(r int) int64 { return int64(r) },
		Path: func(r paging.Rest) string { return fmt.Sprint(r.Number, " ", r.PerPage) },
		Read: func(_ context.Context, path string) ([]int, restclient.Page, error) {
			var number, per int
			_, _ = fmt.Sscan(path, &number, &per)
			l.hold(number)
			lo := min((number-1)*per, l.rows)
			var rows []int
			for i := lo; i < min(lo+per, l.rows); i++ {
				rows = append(rows, l.rows-i)
			}
			return rows, restclient.Page{HasNext: lo+per < l.rows, Total: &l.rows}, nil
		},
	}
}

func (l *heldList) hold(number int) {
	l.mu.Lock()
	l.pages = append(l.pages, number)
	open := l.open
	if number > 1 {
		if l.waiting++; l.waiting == l.together {
			close(open)
		}
	}
	l.mu.Unlock()
	if number > 1 {
		<-open
	}
}

// Once the total is known from the first page, the other pages that are needed are read
// concurrently, and no more than those.
func TestPagesWhoseNumberIsKnownAreReadSideBySide(t *testing.T) {
	even := func(r int) bool { return r%2 == 0 }
	for name, c := range map[string]struct {
		list   *heldList
		page   relay.Page
		keep   func(int) bool
		demand paging.Demand
		rows   int
		pages  []int
	}{
		"forward": {
			&heldList{rows: 480, together: 4}, relay.Page{Size: 500},
			nil, paging.Demand{}, 480, []int{1, 2, 3, 4, 5},
		},
		"forward, not all": {
			&heldList{rows: 480, together: 2}, relay.Page{Size: 300},
			nil, paging.Demand{}, 300, []int{1, 2, 3},
		},
		"filtered": {
			&heldList{rows: 480, together: 4}, relay.Page{Size: 200},
			even, paging.Demand{}, 200, []int{1, 2, 3, 4, 5},
		},
		"filtered, on one page": {
			&heldList{rows: 480, together: 1}, relay.Page{Size: 20},
			even, paging.Demand{}, 20, []int{1},
		},
		"filtered, past a budget": {
			&heldList{rows: 5000, together: 9}, relay.Page{Size: 500},
			func(r int) bool { return r%100 == 0 }, paging.Demand{}, 10,
			[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"backward": {
			&heldList{rows: 480, together: 2}, relay.Page{Size: 100, Backward: true},
			nil, paging.Demand{}, 100, []int{1, 5, 4},
		},
		"backward, many": {
			&heldList{rows: 480, together: 4}, relay.Page{Size: 300, Backward: true},
			nil, paging.Demand{}, 300, []int{1, 2, 3, 4, 5},
		},
		"from the whole list": {
			&heldList{rows: 480, together: 4}, relay.Page{Size: 20},
			nil, paging.Demand{All: true}, 20, []int{1, 2, 3, 4, 5},
		},
		"from a larger page": {
			&heldList{rows: 480, together: 1}, relay.Page{Size: 20},
			nil, paging.Demand{First: 50}, 20, []int{1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := c.list.request(c.page)
			request.Keep, request.Sparse, request.Demand = c.keep, c.keep != nil, c.demand
			w, err := paging.Offset(context.Background(), request)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(c.list.pages)
			slices.Sort(c.pages)
			if len(w.Rows) != c.rows || !slices.Equal(c.list.pages, c.pages) {
				t.Errorf("%d rows by the pages %v, want %d by %v", len(w.Rows), c.list.pages, c.rows, c.pages)
			}
		})
	}
}

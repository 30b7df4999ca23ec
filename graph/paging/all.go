package paging

import (
	"context"
	"sync"
)

// MaxRows is the most rows of a list that is read as a whole; GitLab tells no totals beyond it.
const MaxRows = 10_000

// All reads a list that GitLab pages by offset as a whole, in its order. Once the first page has told how many there are, the others are read
// side by side.
func All[R any](ctx context.Context, r Request[R]) ([]R, error) {
	first, info, err := r.Read(ctx, r.Path(Rest{Number: 1, PerPage: MaxPerPage}))
	if err != nil || !info.HasNext {
		return first, err
	}
	if info.Total == nil {
		return nil, errTooLong
	}
	pages := make([][]R, (min(*info.Total, MaxRows)+MaxPerPage-1)/MaxPerPage)
	errs := make([]error, len(pages))
	pages[0] = first
	var group sync.WaitGroup
	for i := 1; i < len(pages); i++ {
		group.Go(func() {
			pages[i], _, errs[i] = r.Read(ctx, r.Path(Rest{Number: i + 1, PerPage: MaxPerPage}))
		})
	}
	group.Wait()
	return r.merge(pages, errs)
}

// merge joins pages, without the rows that stand twice because the list grew while it was read.
func (r *Request[R]) merge(pages [][]R, errs []error) ([]R, error) {
	var all []R
	for i, page := range pages {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, row := range page {
			if n := len(all); n == 0 || r.ID(row) < r.ID(all[n-1]) {
				all = append(all, row)
			}
		}
	}
	return all, nil
}

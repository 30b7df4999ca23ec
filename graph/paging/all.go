package paging

import (
	"context"
	"errors"

	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// MaxRows is the most rows of a list that is read completely; GitLab sends no totals above it.
const MaxRows = 10_000

// ErrTooLong is the error of a list of more than MaxRows.
var ErrTooLong = errors.New("the list is too long to be read as a whole")

// All reads all rows of a list that GitLab pages by offset, in its order. If the first page has the
// total, the other pages are read in parallel, otherwise one after the other.
func All[R any](ctx context.Context, r Request[R]) ([]R, error) {
	first, info, err := r.page(ctx, 1)
	if err != nil || !info.HasNext {
		return first, err
	}
	switch {
	case info.Total == nil:
		return r.rest(ctx, first, 1, len(first) == MaxPerPage)
	case *info.Total > MaxRows:
		return nil, ErrTooLong
	}
	pages := make([][]R, max(1, (*info.Total+MaxPerPage-1)/MaxPerPage))
	infos, errs := make([]restclient.Page, len(pages)), make([]error, len(pages))
	pages[0], infos[0] = first, info
	var group fanout.Group
	for i := 1; i < len(pages); i++ {
		group.Go(func() { pages[i], infos[i], errs[i] = r.page(ctx, i+1) })
	}
	group.Wait()
	all, err := r.merge(pages, errs)
	if err != nil {
		return nil, err
	}
	last := len(pages) - 1
	return r.rest(ctx, all, len(pages), infos[last].HasNext && len(pages[last]) == MaxPerPage)
}

func (r *Request[R]) page(ctx context.Context, n int) ([]R, restclient.Page, error) {
	return r.Read(ctx, r.Path(Rest{Number: n, PerPage: MaxPerPage}))
}

// rest reads the pages after n, for a list that is longer than its first total.
func (r *Request[R]) rest(ctx context.Context, all []R, n int, more bool) ([]R, error) {
	for more {
		n++
		if n > MaxRows/MaxPerPage {
			return nil, ErrTooLong
		}
		page, info, err := r.page(ctx, n)
		if err != nil {
			return nil, err
		}
		all, more = r.join(all, page), info.HasNext && len(page) == MaxPerPage
	}
	return all, nil
}

// merge joins pages, without the rows that are on two pages because the list grew meanwhile.
func (r *Request[R]) merge(pages [][]R, errs []error) ([]R, error) {
	var all []R
	for i, page := range pages {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all = r.join(all, page)
	}
	return all, nil
}

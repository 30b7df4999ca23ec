package paging

import (
	"context"
	"errors"

	"jobgraph/internal/fanout"
	"jobgraph/restclient"
)

// Demand is how much of a list one request reads for all its fields: all rows, or a first REST page
// of a given size. A field that needs fewer rows uses the same page, so that no row is fetched
// twice.
type Demand struct {
	All   bool
	First int
}

// restPage reads one REST page, or takes it from the rows read for Demand.
func (r *Request[R]) restPage(ctx context.Context, number, per int) ([]R, restclient.Page, error) {
	switch {
	case r.Demand.All:
		err := r.readAll(ctx)
		if errors.Is(err, ErrTooLong) {
			break
		}
		return r.part(number, per), r.partInfo(number, per), err
	case number == 1 && per < r.Demand.First:
		rows, info, err := r.Read(ctx, r.Path(Rest{Number: 1, PerPage: min(r.Demand.First, MaxPerPage)}))
		if len(rows) > per {
			rows, info.HasNext = rows[:per], true
		}
		return rows, info, err
	}
	return r.Read(ctx, r.Path(Rest{Number: number, PerPage: per}))
}

func (r *Request[R]) readAll(ctx context.Context) error {
	if r.all != nil {
		return nil
	}
	all, err := All(ctx, *r)
	if r.all = all; all == nil {
		r.all = []R{}
	}
	if err != nil {
		r.all = nil
	}
	return err
}

func (r *Request[R]) part(number, per int) []R {
	lo := min((number-1)*per, len(r.all))
	return r.all[lo:min(lo+per, len(r.all))]
}

func (r *Request[R]) partInfo(number, per int) restclient.Page {
	total := len(r.all)
	return restclient.Page{HasNext: number*per < total, Total: &total}
}

// ahead holds REST pages that were read in parallel before they were needed.
type ahead[R any] map[int]restPage[R]

type restPage[R any] struct {
	rows []R
	info restclient.Page
	err  error
}

// readAhead reads the pages from first to last in parallel.
func (r *Request[R]) readAhead(ctx context.Context, first, last, per int) ahead[R] {
	if r.Demand.All || last <= first {
		return nil
	}
	pages := make([]restPage[R], last-first+1)
	var group fanout.Group
	for i := range pages {
		group.Go(func() {
			p := &pages[i]
			p.rows, p.info, p.err = r.restPage(ctx, first+i, per)
		})
	}
	group.Wait()
	read := make(ahead[R], len(pages))
	for i, p := range pages {
		read[first+i] = p
	}
	return read
}

// readBehind reads a page and the pages before it in parallel: as many as hold the rows still to be
// read.
func (r *Request[R]) readBehind(ctx context.Context, last, per, rows int) ahead[R] {
	return r.readAhead(ctx, max(1, last-(rows-1)/per), last, per)
}

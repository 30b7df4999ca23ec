package paging

import (
	"context"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Offset reads one page of a list that GitLab pages by offset.
//
// A cursor has its row's number and the offset at which it was read. The first REST page read
// includes that offset, so that a row at or before the cursor's shows that none was skipped. If
// rows have shifted since, neighbouring pages are read.
func Offset[R any](ctx context.Context, r *Request[R]) (Window[R], error) {
	after, before, err := r.bounds()
	if err != nil {
		return Window[R]{}, err
	}
	o := &offset[R]{r: r, after: after, before: before}
	return o.window(ctx)
}

func (o *offset[R]) window(ctx context.Context) (Window[R], error) {
	if o.r.Backward {
		return o.r.backward(ctx, (*offsetBackward[R])(o), o.after, o.before)
	}
	return o.r.forward(ctx, o, o.after, o.before)
}

// errUnknownLength is the error of the last page of a list that is read by offset, if GitLab does
// not send the list's length.
var errUnknownLength = &relay.ArgumentError{
	Argument: "last", Problem: "GitLab does not tell how long this list is: page forward, or backward from a cursor",
}

// offset reads a list forward. page and per are the current REST page.
type offset[R any] struct {
	r             *Request[R]
	after, before int64
	page, per     int
	missed        bool // the last page read ends before the cursor's row
	total         *int // from the last page read
	ahead         ahead[R]

	first *firstPage[R] // the first page, if it has been read
}

func (o *offset[R]) open(ctx context.Context, want int) (chunk[R], error) {
	if o.first != nil && !o.r.Backward {
		o.page, o.per = 1, o.first.per
		o.note(o.first.chunk.rows)
		return o.first.chunk, nil
	}
	lo, hi := 0, want
	if c := o.r.After; c != nil {
		lo, hi = c.Offset, c.Offset+1+want
	}
	o.page, o.per = fit(lo, hi)
	c, err := o.read(ctx, o.page)
	// Rows before the cursor's have gone, and what follows it has moved up: read earlier pages.
	for first := o.page; err == nil && first > 1 && o.after != 0 && (len(c.rows) == 0 || o.r.ID(c.rows[0]) < o.after); {
		first--
		// An offset far past the list's end, as in a forged cursor: go to the end at once.
		if len(c.rows) == 0 && c.total != nil {
			first = min(first, max(1, (*c.total+o.per-1)/o.per))
		}
		var up chunk[R]
		if up, err = o.read(ctx, first); err == nil {
			c = chunk[R]{rows: o.r.join(up.rows, c.rows), offset: up.offset, more: c.more, total: c.total}
		}
	}
	return c, err
}

func (o *offset[R]) next(ctx context.Context, want int) (chunk[R], error) {
	// New rows at the list's head have moved the cursor's row down: read pages of the largest size.
	if o.missed && o.per < MaxPerPage {
		o.page, o.per = o.page*o.per/MaxPerPage, MaxPerPage
	}
	o.page++
	if o.ahead == nil && o.total != nil && o.per == MaxPerPage {
		last := min((*o.total+o.per-1)/o.per, o.page+(o.r.remaining(want, o.page*o.per-o.per)-1)/o.per)
		o.ahead = o.r.readAhead(ctx, o.page, last, o.per)
	}
	return o.read(ctx, o.page)
}

// remaining returns how many rows are still to be read after scanned rows: those needed, or the
// rest of the scan budget if rows are filtered.
func (r *Request[R]) remaining(want, scanned int) int {
	if r.Keep == nil {
		return want
	}
	return max(1, ScanBudget-scanned)
}

func (o *offset[R]) read(ctx context.Context, page int) (chunk[R], error) {
	p, read := o.ahead[page]
	if !read {
		p.rows, p.info, p.err = o.r.restPage(ctx, page, o.per)
	}
	rows, info, err := p.rows, p.info, p.err
	if err != nil {
		return chunk[R]{}, err
	}
	o.total = info.Total
	o.note(rows)
	return chunk[R]{rows: rows, offset: (page - 1) * o.per, more: info.HasNext && len(rows) > 0, total: info.Total}, nil
}

// note records whether the rows that were read end before the cursor's row.
func (o *offset[R]) note(rows []R) {
	o.missed = o.after != 0 && len(rows) > 0 && o.r.ID(rows[len(rows)-1]) > o.after
}

// offsetBackward reads a list backward, toward newer rows.
type offsetBackward[R any] offset[R]

func (o *offsetBackward[R]) open(ctx context.Context, want int) (chunk[R], error) {
	f := (*offset[R])(o)
	var c chunk[R]
	var err error
	if o.r.Before == nil {
		c, err = o.end(ctx, want)
	} else {
		o.page, o.per = fit(max(0, o.r.Before.Offset-want), o.r.Before.Offset+1)
		c, err = f.read(ctx, o.page)
	}
	// New rows at the list's head have moved the cursor's row down: read later pages, of the largest
	// size.
	below := *f
	below.page, below.per = o.page*o.per/MaxPerPage, MaxPerPage
	for err == nil && o.before != 0 && c.more && o.r.ID(c.rows[len(c.rows)-1]) > o.before {
		below.page++
		var down chunk[R]
		if down, err = below.read(ctx, below.page); err == nil {
			c.rows, c.more = o.r.join(c.rows, down.rows), down.more
		}
	}
	c.more = o.page > 1
	return c, err
}

// end reads the list's last page, whose number follows from the total in the first page.
func (o *offsetBackward[R]) end(ctx context.Context, want int) (chunk[R], error) {
	f := (*offset[R])(o)
	o.page, o.per = 1, MaxPerPage
	c, err := f.read(ctx, 1)
	if err != nil || !c.more {
		return c, err
	}
	if c.total == nil {
		return c, errUnknownLength
	}
	return o.last(ctx, max(*c.total, len(c.rows)+1), want)
}

// last reads the list's last page. The list may have shrunk or grown since its total was read, and
// the total may be wrong.
func (o *offsetBackward[R]) last(ctx context.Context, total, want int) (chunk[R], error) {
	f := (*offset[R])(o)
	c, err := o.readEnd(ctx, total, want)
	for ; err == nil && len(c.rows) == 0; c, err = o.readEnd(ctx, total, want) {
		if c.total == nil || *c.total >= total {
			return c, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: errNoProgress}
		}
		if total = *c.total; total == 0 {
			return c, nil
		}
	}
	for err == nil && c.more {
		o.page, o.per = o.page*o.per/MaxPerPage+1, MaxPerPage
		c, err = f.read(ctx, o.page)
	}
	return c, err
}

// readEnd reads the last page of a list of this many rows. If the rows needed are on several pages,
// it reads them in parallel.
func (o *offsetBackward[R]) readEnd(ctx context.Context, total, want int) (chunk[R], error) {
	o.page, o.per = fit(max(0, total-want), total)
	if end := (total + o.per - 1) / o.per; end > o.page {
		o.ahead = o.r.readAhead(ctx, o.page, end, o.per)
		o.page = end
	}
	return (*offset[R])(o).read(ctx, o.page)
}

func (o *offsetBackward[R]) next(ctx context.Context, want int) (chunk[R], error) {
	o.page--
	f := (*offset[R])(o)
	if o.ahead == nil && o.per == MaxPerPage {
		read := 0
		if o.total != nil {
			read = *o.total - o.page*o.per
		}
		o.ahead = o.r.readBehind(ctx, o.page, o.per, o.r.remaining(want, read))
	}
	c, err := f.read(ctx, o.page)
	c.more = o.page > 1
	return c, err
}

// fit finds the smallest REST page that holds the rows from lo up to hi, or else the largest page
// that holds lo.
func fit(lo, hi int) (page, per int) {
	for per := max(hi-lo, 1); per <= MaxPerPage; per++ {
		if lo/per == (hi-1)/per {
			return lo/per + 1, per
		}
	}
	return lo/MaxPerPage + 1, MaxPerPage
}

// Package paging reads a page of a Relay connection from pages of GitLab's lists.
//
// GitLab's job lists are ordered by number, highest first, and grow at their head. A cursor has the
// number of a row, and a page is the rows after that number: rows that are added or deleted while a
// client pages cause no repeated or skipped rows. Project jobs are read by keyset, which resumes
// exactly at any row ([Keyset]). Pipeline jobs and trigger jobs have offset pages only, so the
// cursor also has an offset at which to start ([Offset]).
//
// The package does no HTTP and no JSON: a function of the caller reads one REST page as rows of any
// type.
package paging

import (
	"cmp"
	"context"
	"math"
	"strconv"

	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

const (
	// MaxPerPage is the most rows that GitLab sends in one page.
	MaxPerPage = 100
	// ScanBudget is the most rows that are read for one page of a list that the gateway filters.
	ScanBudget = 1000
)

// Reader reads one REST page: its rows, and the paging information in its headers.
type Reader[R any] func(ctx context.Context, path string) ([]R, restclient.Page, error)

// Request is one page of a connection.
type Request[R any] struct {
	relay.Page
	Read   Reader[R]
	ID     func(R) int64     // a row's number
	Keep   func(R) bool      // nil keeps every row
	Sparse bool              // read full REST pages, because many rows will not be kept
	Path   func(Rest) string // the REST page's address

	// Demand is what the whole request reads of an offset list: REST pages are taken from it.
	Demand Demand
	all    []R // all rows, after they were read for Demand
}

// Rest is one REST page: by cursor or by number.
type Rest struct {
	Cursor  string
	Number  int
	PerPage int
}

// Window is one page of a connection, as rows.
type Window[R any] struct {
	Rows    []R
	Offsets []int // of each row in its list; nil if the list is not read by offset
	HasPrev bool
	HasNext bool
	Total   *int // rows in the list; nil if GitLab sends no total, or rows are filtered

	// CutAt is the number of the last row read if the scan budget ended the page early; 0 otherwise.
	CutAt       int64
	CutAtOffset int
	CutBackward bool // the page was read backward: continue before CutAt, not after it
}

// chunk is a run of neighbouring rows.
type chunk[R any] struct {
	rows   []R
	offset int  // of the first row
	more   bool // there are rows beyond it in the direction of reading
	unsure bool // the upstream sent no information, and there may be none
	total  *int
}

// source reads a list in one direction, chunk by chunk. want is how many rows the reader still
// needs.
type source[R any] interface {
	open(ctx context.Context, want int) (chunk[R], error)
	next(ctx context.Context, want int) (chunk[R], error)
}

// bounds are the numbers of the rows that the page lies between: older than after, newer than
// before. 0 is no bound.
func (r *Request[R]) bounds() (after, before int64, err error) {
	if after, err = number("after", r.After); err != nil {
		return 0, 0, err
	}
	before, err = number("before", r.Before)
	return after, before, err
}

func number(argument string, c *relay.Cursor) (int64, error) {
	if c == nil {
		return 0, nil
	}
	n, err := strconv.ParseInt(c.Key, 10, 64)
	if err != nil || n <= 0 {
		return 0, &relay.ArgumentError{Argument: argument, Problem: "not a cursor of this list"}
	}
	return n, nil
}

// forward collects the page from the newer end. The rows of one chunk are taken as they come; those
// of the next go on below them.
func (r *Request[R]) forward(ctx context.Context, s source[R], after, before int64) (Window[R], error) {
	w := Window[R]{HasPrev: after != 0}
	bound, scanned, reached := cmp.Or(after, math.MaxInt64), 0, int64(math.MaxInt64)
	for c, err := s.open(ctx, r.want(0, 0)); ; c, err = s.next(ctx, r.want(len(w.Rows), scanned)) {
		if err != nil {
			return Window[R]{}, err
		}
		w.note(c.total, r.Keep == nil)
		lowest := bound
		for i, row := range c.rows {
			if err := r.interrupted(ctx); err != nil {
				return Window[R]{}, err
			}
			id := r.ID(row)
			if id >= bound {
				continue
			}
			keep := r.Keep == nil || r.Keep(row)
			if id <= before || keep && len(w.Rows) == r.Size {
				w.HasNext = true
				return w, nil
			}
			lowest, scanned = min(lowest, id), scanned+1
			if keep {
				w.Rows, w.Offsets = append(w.Rows, row), append(w.Offsets, c.offset+i)
			}
			if r.spent(len(w.Rows), scanned) && (c.more || i < len(c.rows)-1) {
				w.CutAt, w.CutAtOffset, w.HasNext = id, c.offset+i, true
				return w, nil
			}
		}
		switch {
		case !c.more:
			return w, nil
		case len(w.Rows) == r.Size:
			w.HasNext = true
			return w, nil
		case r.ID(c.rows[len(c.rows)-1]) >= reached:
			return Window[R]{}, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: errNoProgress}
		}
		bound, reached = lowest, r.ID(c.rows[len(c.rows)-1])
	}
}

// backward collects the page from the older end; the rows come out in the list's order all the
// same.
func (r *Request[R]) backward(ctx context.Context, s source[R], after, before int64) (Window[R], error) {
	w := Window[R]{HasNext: before != 0, CutBackward: true}
	bound, scanned, reached := before, 0, int64(0)
	for c, err := s.open(ctx, r.want(0, 0)); ; c, err = s.next(ctx, r.want(len(w.Rows), scanned)) {
		if err != nil {
			return Window[R]{}, err
		}
		w.note(c.total, r.Keep == nil)
		highest := bound
		for i := len(c.rows) - 1; i >= 0; i-- {
			if err := r.interrupted(ctx); err != nil {
				return Window[R]{}, err
			}
			id := r.ID(c.rows[i])
			if id <= bound {
				continue
			}
			keep := r.Keep == nil || r.Keep(c.rows[i])
			if after != 0 && id >= after || keep && len(w.Rows) == r.Size {
				w.HasPrev = true
				return w.reversed(), nil
			}
			highest, scanned = max(highest, id), scanned+1
			if keep {
				w.Rows, w.Offsets = append(w.Rows, c.rows[i]), append(w.Offsets, c.offset+i)
			}
			if r.spent(len(w.Rows), scanned) && (c.more || i > 0) {
				w.CutAt, w.CutAtOffset, w.HasPrev = id, c.offset+i, true
				return w.reversed(), nil
			}
		}
		switch {
		case !c.more:
			return w.reversed(), nil
		case len(w.Rows) == r.Size && c.unsure:
			beyond, err := s.next(ctx, 1)
			w.HasPrev = len(beyond.rows) > 0
			return w.reversed(), err
		case len(w.Rows) == r.Size:
			w.HasPrev = true
			return w.reversed(), nil
		case len(c.rows) > 0 && r.ID(c.rows[0]) <= reached:
			return Window[R]{}, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: errNoProgress}
		case len(c.rows) > 0:
			bound, reached = highest, r.ID(c.rows[0])
		}
	}
}

// interrupted returns why the request has ended. It is called before each row that is filtered,
// because a filter takes time.
func (r *Request[R]) interrupted(ctx context.Context) error {
	if r.Keep == nil {
		return nil
	}
	return context.Cause(ctx)
}

// join appends a further page of a list to the pages before it, without the rows that are on both
// because the list grew meanwhile.
func (r *Request[R]) join(rows, further []R) []R {
	n := len(rows)
	for _, row := range further {
		if n == 0 || r.ID(row) < r.ID(rows[n-1]) {
			rows = append(rows, row)
		}
	}
	return rows
}

// spent reports whether the scan budget ends a page that still lacks rows.
func (r *Request[R]) spent(have, scanned int) bool {
	return r.Keep != nil && have < r.Size && scanned >= ScanBudget
}

// want returns how many rows are still to be read for the page: full REST pages if rows are
// filtered.
func (r *Request[R]) want(have, scanned int) int {
	if r.Sparse || scanned > have {
		return MaxPerPage
	}
	return max(r.Size-have, 1)
}

func (w *Window[R]) note(total *int, exact bool) {
	if exact && total != nil {
		w.Total = total
	}
}

func (w Window[R]) reversed() Window[R] {
	for i, j := 0, len(w.Rows)-1; i < j; i, j = i+1, j-1 {
		w.Rows[i], w.Rows[j] = w.Rows[j], w.Rows[i]
		w.Offsets[i], w.Offsets[j] = w.Offsets[j], w.Offsets[i]
	}
	return w
}

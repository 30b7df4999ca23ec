package paging

import (
	"cmp"
	"context"
	"slices"

	"jobgraph/graph/relay"
	"jobgraph/internal/fanout"
)

// Merged is a page of several lists, merged into one.
type Merged[R any] struct {
	Window[R]
	// Hints are, for each row and each list, the approximate offset at which the list continues after
	// that row.
	Hints [][]int
}

// Merge reads one page of several lists that are paged by offset, in parallel, merged into one list
// in the order of their rows' numbers. paths are the lists' REST pages. hints are the offsets at
// which each list continues after or before the page's cursor; nil if they are not known.
func Merge[R any](ctx context.Context, r Request[R], paths []func(Rest) string, hints []int) (Merged[R], error) {
	windows := make([]Window[R], len(paths))
	errs := make([]error, len(paths))
	var group fanout.Group
	for i, path := range paths {
		one := r
		one.Path = path
		if i < len(hints) {
			one.After, one.Before = hinted(r.After, hints[i]), hinted(r.Before, hints[i])
		}
		group.Go(func() { windows[i], errs[i] = Offset(ctx, &one) })
	}
	group.Wait()
	if err := cmp.Or(errs...); err != nil {
		return Merged[R]{}, err
	}
	m := Merged[R]{Window: r.merged(windows)}
	for _, row := range m.Rows {
		at := make([]int, len(windows))
		for i, w := range windows {
			at[i] = r.position(w, row)
			if len(w.Rows) == 0 && i < len(hints) {
				at[i] = hints[i]
			}
		}
		m.Hints = append(m.Hints, at)
	}
	return m, nil
}

// hinted is a cursor with the place in one list.
func hinted(c *relay.Cursor, offset int) *relay.Cursor {
	if c == nil {
		return nil
	}
	at := *c
	at.Offset = offset
	return &at
}

// merged joins the pages of all lists and cuts them to one.
func (r *Request[R]) merged(windows []Window[R]) Window[R] {
	total := 0
	w := Window[R]{Total: &total}
	for _, one := range windows {
		w.Rows = append(w.Rows, one.Rows...)
		w.HasNext, w.HasPrev = w.HasNext || one.HasNext, w.HasPrev || one.HasPrev
		if one.Total == nil {
			w.Total = nil
		} else {
			total += *one.Total
		}
	}
	slices.SortStableFunc(w.Rows, func(a, b R) int { return cmp.Compare(r.ID(b), r.ID(a)) })
	// A row that moved between lists while they were read may be in two.
	w.Rows = slices.CompactFunc(w.Rows, func(a, b R) bool { return r.ID(a) == r.ID(b) })
	if n := len(w.Rows); n > r.Size && r.Backward {
		w.Rows, w.HasPrev = w.Rows[n-r.Size:], true
	} else if n > r.Size {
		w.Rows, w.HasNext = w.Rows[:r.Size], true
	}
	return w
}

// position returns the offset in one list of its last row that is not after a row of another list.
func (r *Request[R]) position(w Window[R], row R) int {
	if len(w.Rows) == 0 {
		return 0
	}
	at := max(0, w.Offsets[0]-1)
	for i := range w.Rows {
		if r.ID(w.Rows[i]) >= r.ID(row) {
			at = w.Offsets[i]
		}
	}
	return at
}

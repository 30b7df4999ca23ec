package paging

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"jobgraph/restclient"
)

// The reasons why a list's rows are invalid. Clients see only that the upstream's response was
// invalid.
var (
	errNoProgress = errors.New("a list's next page has no further rows")
	errNotReached = errors.New("the cursor's row is too deep in a list that cannot be resumed from a cursor")
)

// errNumbered is the error of an upstream that does not page by keyset: its page has a number.
var errNumbered = errors.New("the list is paged by offset")

// Keyset reads one page of a list that GitLab pages by keyset, so that reading can resume at any
// row. A release that does not support keyset pages is detected by its first response; the page is
// then read by offset, and its cursors have a start offset, as those of [Offset] do.
func Keyset[R any](ctx context.Context, r *Request[R]) (Window[R], error) {
	after, before, err := r.bounds()
	if err != nil {
		return Window[R]{}, err
	}
	if r.After != nil && r.After.Offset > 0 || r.Before != nil && r.Before.Offset > 0 {
		return Offset(ctx, r)
	}
	var w Window[R]
	forward, backward := &keyset[R]{r: r, at: after}, &keysetBackward[R]{r: r, at: before}
	if r.Backward {
		w, err = r.backward(ctx, backward, after, before)
	} else {
		w, err = r.forward(ctx, forward, after, before)
	}
	if errors.Is(err, errNumbered) {
		o := &offset[R]{r: r, after: after, before: before, first: cmp.Or(forward.numbered, backward.numbered)}
		return o.window(ctx)
	}
	if backward.walked {
		return w, err
	}
	w.Offsets, w.CutAtOffset = nil, 0 // the number of a row is enough to resume at it
	return w, err
}

// firstPage is the first page of a list that is paged by offset.
type firstPage[R any] struct {
	per   int
	chunk chunk[R]
}

// keyset reads a list forward. at is the number of the last row read.
type keyset[R any] struct {
	r    *Request[R]
	at   int64
	link string // the upstream's link to the next page, if it refuses cursors that it did not make

	numbered *firstPage[R] // the first page of an upstream that does not page by keyset
}

func (k *keyset[R]) open(ctx context.Context, want int) (chunk[R], error) { return k.next(ctx, want) }

func (k *keyset[R]) next(ctx context.Context, want int) (chunk[R], error) {
	if k.link != "" {
		return k.follow(ctx, k.link)
	}
	cursor := ""
	if k.at != 0 {
		cursor = restCursor(k.at, "n")
	}
	per := min(want, MaxPerPage)
	rows, info, err := k.r.Read(ctx, k.r.Path(Rest{Cursor: cursor, PerPage: per}))
	switch {
	case err == nil && info.Number != 0:
		k.numbered = &firstPage[R]{per, chunk[R]{rows: rows, more: info.HasNext && len(rows) > 0, total: info.Total}}
		return chunk[R]{}, errNumbered
	case cursor != "" && (refused(err) || err == nil && len(rows) > 0 && k.r.ID(rows[0]) >= k.at):
		return k.walk(ctx)
	case err != nil:
		return chunk[R]{}, err
	}
	return k.took(rows, info), nil
}

// walk reads from the list's beginning to the cursor's row, by GitLab's own Link headers.
func (k *keyset[R]) walk(ctx context.Context) (chunk[R], error) {
	path := k.r.Path(Rest{PerPage: MaxPerPage})
	for range ScanBudget / MaxPerPage {
		goal := k.at
		c, err := k.follow(ctx, path)
		if err != nil {
			return chunk[R]{}, err
		}
		if n := len(c.rows); !c.more || n > 0 && k.r.ID(c.rows[n-1]) < goal {
			return c, nil
		}
		k.at, path = goal, k.link
	}
	return chunk[R]{}, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: errNotReached}
}

// follow reads the page at one of GitLab's own addresses.
func (k *keyset[R]) follow(ctx context.Context, path string) (chunk[R], error) {
	rows, info, err := k.r.Read(ctx, path)
	if err != nil {
		return chunk[R]{}, err
	}
	k.link = info.NextPath
	info.HasNext = k.link != ""
	return k.took(rows, info), nil
}

func (k *keyset[R]) took(rows []R, info restclient.Page) chunk[R] {
	if n := len(rows); n > 0 {
		k.at = k.r.ID(rows[n-1])
	}
	return chunk[R]{rows: rows, more: info.HasNext && len(rows) > 0}
}

// keysetBackward reads a list backward, toward newer rows.
type keysetBackward[R any] struct {
	r  *Request[R]
	at int64

	walked   bool          // the list's end was looked for in its offset pages
	numbered *firstPage[R] // the first page of an upstream that does not page by keyset
}

func (k *keysetBackward[R]) open(ctx context.Context, want int) (chunk[R], error) {
	return k.next(ctx, want)
}

func (k *keysetBackward[R]) next(ctx context.Context, want int) (chunk[R], error) {
	// One more row than needed shows whether there are newer rows, on releases that send no links.
	per := min(want+1, MaxPerPage)
	rows, info, err := k.r.Read(ctx, k.r.Path(Rest{Cursor: restCursor(k.at, "p"), PerPage: per}))
	switch {
	case err == nil && info.Number != 0 && k.at != 0:
		k.numbered = &firstPage[R]{per, chunk[R]{rows: rows, more: info.HasNext && len(rows) > 0, total: info.Total}}
		return chunk[R]{}, errNumbered
	case refused(err), err == nil && k.ignored(rows, info):
		k.walked = info.Number != 0
		return k.walk(ctx)
	case err != nil, len(rows) == 0:
		return chunk[R]{}, err
	}
	k.at = k.r.ID(rows[0])
	// If the response has cursors, they show whether there are newer rows. Otherwise a page that is
	// not full is the last one, and a full one may be the last.
	told := info.PrevCursor != "" || info.NextCursor != ""
	full := len(rows) == per
	return chunk[R]{rows: rows, more: info.PrevCursor != "" || !told && full, unsure: !told && full}, nil
}

// ignored reports whether the upstream did not page by cursor: rows beyond a cursor are newer.
func (k *keysetBackward[R]) ignored(rows []R, info restclient.Page) bool {
	return info.Number != 0 || len(rows) > 0 && k.r.ID(rows[len(rows)-1]) <= k.at
}

// walk reads every row that is newer than the cursor's, from the list's beginning, by GitLab's own
// Link headers.
func (k *keysetBackward[R]) walk(ctx context.Context) (chunk[R], error) {
	forward := &keyset[R]{r: k.r, link: k.r.Path(Rest{PerPage: MaxPerPage})}
	var rows []R
	for range ScanBudget / MaxPerPage {
		c, err := forward.follow(ctx, forward.link)
		if err != nil {
			return chunk[R]{}, err
		}
		rows = k.r.join(rows, c.rows)
		if !c.more || forward.at <= k.at {
			return chunk[R]{rows: rows}, nil
		}
	}
	if k.at == 0 {
		return chunk[R]{}, errUnknownLength
	}
	return chunk[R]{}, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: errNotReached}
}

// restCursor returns GitLab's keyset cursor for the rows beyond the row of this number, in the
// given direction; 0 is the list's end. It has the form of Gitlab::Pagination::Keyset::Paginator.
func restCursor(id int64, direction string) string {
	raw := make([]byte, 0, 48)
	raw = append(raw, '{')
	if id != 0 {
		raw = append(strconv.AppendInt(append(raw, `"id":"`...), id, 10), `",`...)
	}
	raw = append(append(append(raw, `"_kd":"`...), direction...), `"}`...)
	return base64.URLEncoding.EncodeToString(raw)
}

// refused reports whether an upstream refuses a cursor that it did not make itself.
func refused(err error) bool {
	status, ok := errors.AsType[*restclient.Error](err)
	return ok && (status.Status == http.StatusBadRequest || status.Status == http.StatusMethodNotAllowed ||
		status.Status == http.StatusInternalServerError)
}

package fakegitlab

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
)

const (
	defaultPerPage = 20
	maxPerPage     = 100
	// maxCount is the number up to which GitLab counts rows: longer lists have no totals.
	maxCount = 10000
)

// page is one page of a list, with its pagination headers.
type page[T any] struct {
	rows   []T
	header http.Header
}

func (p page[T]) answer(entities []any) *answer {
	a := inJSON(http.StatusOK, entities)
	for name, values := range p.header {
		a.header[name] = values
	}
	return a
}

// perPage returns the page size as Kaminari computes it from per_page: at most the maximum, and the
// default for a negative value.
func (q *request) perPage() int64 {
	n := q.params.number("per_page")
	if n < 0 {
		return defaultPerPage
	}
	return min(n, maxPerPage)
}

// byOffset returns one page of the rows for which keep returns true, in their order. With counts,
// the headers contain the totals, up to maxCount.
func byOffset[T any](q *request, all iter.Seq2[int, T], keep func(T) bool, counts bool) page[T] {
	per, number := q.perPage(), max(1, q.params.number("page"))
	from := (number - 1) * per
	var rows []T
	var total int64
	for _, row := range all {
		if !keep(row) {
			continue
		}
		if total >= from && total < from+per {
			rows = append(rows, row)
		}
		if total++; !counts && total > from+per {
			break // one row more than the page has, so there is a next page
		}
	}
	counts = counts && total <= maxCount
	o := offsets{page: number, per: per, total: total, counts: counts}
	return page[T]{rows, q.offsetHeader(o)}
}

// offsets is the position of a page in its list. Without counts, total is only as large as it takes
// to know whether there is a next page.
type offsets struct {
	page, per, total int64
	counts           bool
}

func (o offsets) pages() int64  { return max(1, (o.total+o.per-1)/o.per) }
func (o offsets) hasNext() bool { return o.page*o.per < o.total }

// hasPrev reports whether there is a previous page. With counts, Kaminari reports none for a page
// after the last one.
func (o offsets) hasPrev() bool { return o.page > 1 && (!o.counts || o.page <= o.pages()) }

func (q *request) offsetHeader(o offsets) http.Header {
	h := http.Header{}
	var links, next, prev = []string{}, "", ""
	if o.hasPrev() {
		prev = strconv.FormatInt(o.page-1, 10)
		links = append(links, q.pageLink(o, o.page-1, "prev"))
	}
	if o.hasNext() {
		next = strconv.FormatInt(o.page+1, 10)
		links = append(links, q.pageLink(o, o.page+1, "next"))
	}
	links = append(links, q.pageLink(o, 1, "first"))
	if o.counts {
		links = append(links, q.pageLink(o, o.pages(), "last"))
		h.Set("X-Total", strconv.FormatInt(o.total, 10))
		h.Set("X-Total-Pages", strconv.FormatInt(o.pages(), 10))
	}
	h.Set("X-Per-Page", strconv.FormatInt(o.per, 10))
	h.Set("X-Page", strconv.FormatInt(o.page, 10))
	h.Set("X-Next-Page", next)
	h.Set("X-Prev-Page", prev)
	h.Set("Link", strings.Join(links, ", "))
	return h
}

func (q *request) pageLink(o offsets, number int64, rel string) string {
	return q.link(params{"page": number, "per_page": o.per}, rel)
}

// link returns an element of a Link header: the request's URL with all of its parameters, including
// those of the path and the defaults.
func (q *request) link(changed params, rel string) string {
	return fmt.Sprintf("<%s%s?%s>; rel=%q", q.base, q.http.URL.EscapedPath(), q.params.with(changed).query(), rel)
}

// cursor is a position in a keyset-paginated list of jobs. Direction "n" continues with the IDs
// below ID, and "p" with those above it.
type cursor struct {
	ID        string `json:"id,omitempty"`
	Direction string `json:"_kd"`
}

func (c cursor) String() string { return base64.URLEncoding.EncodeToString(mustJSON(c)) }

// parseCursor decodes a cursor. above and below are the exclusive bounds of the IDs. As in GitLab,
// a malformed cursor is answered with 500.
func parseCursor(text string) (c cursor, above, below int64, refusal *problem) {
	below = 1<<63 - 1
	if text == "" {
		return cursor{Direction: "n"}, 0, below, nil
	}
	raw, err := base64.URLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	id := int64(0)
	if err == nil && c.ID != "" {
		id, err = strconv.ParseInt(c.ID, 10, 64)
	}
	if err != nil {
		return c, 0, 0, withMessage(http.StatusInternalServerError, "500 Internal Server Error")
	}
	switch {
	case c.ID == "":
	case c.Direction == "p":
		above = id
	default:
		below = id
	}
	return c, above, below, nil
}

// byKeyset returns one page of the jobs for which keep returns true, newest first, in the direction
// of the cursor.
func (q *request) byKeyset(jobs []*job, keep func(*job) bool) (page[*job], *problem) {
	c, above, below, refusal := parseCursor(q.params.text("cursor"))
	if refusal != nil {
		return page[*job]{}, refusal
	}
	from := sort.Search(len(jobs), func(i int) bool { return jobs[i].id > above })
	to := sort.Search(len(jobs), func(i int) bool { return jobs[i].id >= below })
	within := jobs[from:max(from, to)]
	per := int(q.perPage())
	var rows []*job
	var more bool
	if c.Direction == "p" {
		rows, more = take(slices.Values(within), keep, per)
		slices.Reverse(rows)
		return page[*job]{rows, q.keysetHeader(rows, true, more)}, nil
	}
	rows, more = take(backward(within), keep, per)
	return page[*job]{rows, q.keysetHeader(rows, more, c.ID != "")}, nil
}

// keysetHeader returns the pagination headers: a Link to the next page only, and both cursors in
// newer releases.
func (q *request) keysetHeader(rows []*job, hasNext, hasPrev bool) http.Header {
	h := http.Header{}
	if len(rows) == 0 {
		return h
	}
	next := cursor{strconv.FormatInt(rows[len(rows)-1].id, 10), "n"}
	prev := cursor{strconv.FormatInt(rows[0].id, 10), "p"}
	if hasNext {
		h.Set("Link", q.link(params{"cursor": next.String()}, "next"))
	}
	if !q.lacks(Older17) && hasNext {
		h["X-NEXT-CURSOR"] = []string{next.String()}
	}
	if !q.lacks(Older17) && hasPrev {
		h["X-PREV-CURSOR"] = []string{prev.String()}
	}
	return h
}

// take returns the first n jobs for which keep returns true, and whether there is another one.
func take(jobs iter.Seq[*job], keep func(*job) bool, n int) (kept []*job, more bool) {
	for j := range jobs {
		if !keep(j) {
			continue
		}
		if len(kept) == n {
			return kept, true
		}
		kept = append(kept, j)
	}
	return kept, false
}

// backward iterates over jobs from the last to the first.
func backward(jobs []*job) iter.Seq[*job] {
	return func(yield func(*job) bool) {
		for _, j := range slices.Backward(jobs) {
			if !yield(j) {
				return
			}
		}
	}
}

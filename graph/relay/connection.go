// Package relay holds the connections of the Relay specification
// (https://relay.dev/graphql/connections.htm): one generic shape for every list, its page arguments
// and its cursors. It does no I/O.
package relay

// Edge is one item of a page with its cursor.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo is the position of a page in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Connection is one page of a list.
type Connection[T any] struct {
	Edges      []Edge[T]
	PageInfo   PageInfo
	TotalCount *int // nil if it is not known
}

// Nodes returns the items without their cursors.
func (c *Connection[T]) Nodes() []T {
	nodes := make([]T, len(c.Edges))
	for i := range c.Edges {
		nodes[i] = c.Edges[i].Node
	}
	return nodes
}

// Slice returns a page of a list that is completely in memory. The key of an item identifies it in
// its cursor; keys should be unique in the list. A cursor whose item is gone resumes at the offset
// where the item was.
func Slice[T any](all []T, page Page, list string, key func(T) string) *Connection[T] {
	lo, hi := 0, len(all)
	find := func(c *Cursor) (at, next int) {
		for i, item := range all {
			if key(item) == c.Key {
				return i, i + 1
			}
		}
		at = min(c.Offset, len(all))
		return at, at
	}
	if page.After != nil {
		_, lo = find(page.After)
	}
	if page.Before != nil {
		at, _ := find(page.Before)
		hi = max(at, lo)
	}
	from, to := lo, hi
	if page.Backward {
		from = max(lo, hi-page.Size)
	} else {
		to = min(hi, lo+page.Size)
	}
	total := len(all)
	c := &Connection[T]{Edges: make([]Edge[T], 0, to-from), TotalCount: &total}
	for i := from; i < to; i++ {
		c.Edges = append(c.Edges, Edge[T]{Cursor: Cursor{List: list, Key: key(all[i]), Offset: i}.Encode(), Node: all[i]})
	}
	c.PageInfo.HasPreviousPage, c.PageInfo.HasNextPage = from > 0, to < len(all)
	c.Bound()
	return c
}

// Bound sets the page info's cursors from the edges.
func (c *Connection[T]) Bound() {
	if n := len(c.Edges); n > 0 {
		c.PageInfo.StartCursor, c.PageInfo.EndCursor = &c.Edges[0].Cursor, &c.Edges[n-1].Cursor
	}
}

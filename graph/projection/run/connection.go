package run

import (
	"slices"

	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/graph/relay"
)

// page is one page of a connection.
type page struct {
	rows   []*row
	cursor func(i int) string
	info   relay.PageInfo // StartCursor and EndCursor only where they are not those of the rows
	total  *int
}

// pageOf returns the page that a step has read.
func pageOf(got *result) page {
	w := &got.window
	p := page{rows: got.rows, total: w.Total, cursor: func(i int) string {
		offset := 0
		if w.Offsets != nil {
			offset = w.Offsets[i]
		}
		if got.hints != nil {
			return loader.PipelineCursor(got.rows[i].ID, got.hints[i])
		}
		return got.list.Cursor(got.rows[i].ID, offset)
	}}
	p.info.HasNextPage, p.info.HasPreviousPage = w.HasNext, w.HasPrev
	if w.CutAt != 0 {
		cut := got.list.Cursor(w.CutAt, w.CutAtOffset)
		if w.CutBackward {
			p.info.StartCursor = &cut
		} else {
			p.info.EndCursor = &cut
		}
	}
	return p
}

// connection writes a page.
func (w *writer) connection(c *plan.Connection, p page) {
	w.out = append(w.out, '{')
	for n := range c.Fields {
		f := &c.Fields[n]
		w.write(f.Key)
		switch f.Name {
		case "nodes":
			w.each(len(p.rows), func(i int) { w.object(f.Nodes, p.rows[i]) })
		case "edges":
			w.each(len(p.rows), func(i int) { w.edge(c, f.Edges, &p, i) })
		case "pageInfo":
			w.pageInfo(f.PageInfo, &p)
		case "totalCount":
			if p.total == nil {
				w.null()
			} else {
				w.integer(int64(*p.total))
			}
		case "__typename":
			w.quoted(c.Node + "Connection")
		}
	}
	w.out = append(w.out, '}')
}

func (w *writer) edge(c *plan.Connection, fields []plan.EdgeField, p *page, i int) {
	w.out = append(w.out, '{')
	for n := range fields {
		w.write(fields[n].Key)
		switch fields[n].Name {
		case "cursor":
			w.quoted(p.cursor(i))
		case "node":
			w.object(fields[n].Node, p.rows[i])
		case "__typename":
			w.quoted(c.Node + "Edge")
		}
	}
	w.out = append(w.out, '}')
}

func (w *writer) pageInfo(fields []plan.PageInfoField, p *page) {
	w.out = append(w.out, '{')
	for n := range fields {
		w.write(fields[n].Key)
		switch fields[n].Name {
		case "hasNextPage":
			w.boolean(p.info.HasNextPage)
		case "hasPreviousPage":
			w.boolean(p.info.HasPreviousPage)
		case "startCursor":
			w.cursor(p, p.info.StartCursor, 0)
		case "endCursor":
			w.cursor(p, p.info.EndCursor, len(p.rows)-1)
		case "__typename":
			w.quoted("PageInfo")
		}
	}
	w.out = append(w.out, '}')
}

// cursor writes a given cursor, or that of a row; null on an empty page.
func (w *writer) cursor(p *page, given *string, i int) {
	switch {
	case given != nil:
		w.quoted(*given)
	case len(p.rows) == 0:
		w.null()
	default:
		w.quoted(p.cursor(i))
	}
}

// artifacts writes a page of a job's artifacts, which stand in the job; they are paged by the same
// function as the model's.
func (w *writer) artifacts(f *plan.Field, r *row) {
	items := f.Items
	var a plan.Arguments
	ok := true
	if items.Arguments != nil {
		a = *items.Arguments
	} else {
		a, ok = plan.Bind(items.Field, w.vars)
	}
	relayPage, err := a.Page.Page(model.ArtifactList, 0)
	all, read := r.Elements(r.Spans[items.Slot], items.Layout)
	if !ok || err != nil || !read {
		w.fail()
		return
	}
	url := r.Spans[items.URL]
	rows := make([]*row, 0, len(all))
	for i := range all {
		one := &row{Row: all[i]}
		one.Spans = append(one.Spans[:len(one.Spans):len(one.Spans)], url, one.Spans[items.Type])
		if one.Spans[items.Type].Kind != jsonscan.Text || one.Spans[items.Name].Kind != jsonscan.Text {
			w.fail()
			return
		}
		if len(a.FileTypes) == 0 || slices.Contains(a.FileTypes, one.Unquoted(one.Spans[items.Type])) {
			rows = append(rows, one)
		}
	}
	slice := relay.Slice(rows, relayPage, model.ArtifactList, func(r *row) string {
		return r.Unquoted(r.Spans[items.Type]) + "/" + r.Unquoted(r.Spans[items.Name])
	})
	w.connection(f.Page, page{
		rows: slice.Nodes(), info: slice.PageInfo, total: slice.TotalCount,
		cursor: func(i int) string { return slice.Edges[i].Cursor },
	})
}

// downloadURL writes an artifact's address. The last two spans of its row are the job's page and
// the artifact's type.
func (w *writer) downloadURL(r *row) {
	url, fileType := r.Spans[len(r.Spans)-2], r.Spans[len(r.Spans)-1]
	if url.Kind != jsonscan.Text || url.Hi-url.Lo == 2 {
		w.fail()
		return
	}
	w.quoted(model.DownloadURL(r.Unquoted(url), r.Unquoted(fileType)))
}

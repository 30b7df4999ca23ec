package projection

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/loader"
	"jobgraph/graph/relay"
)

// page is one page of a connection as the writer needs it.
type page struct {
	rows   []*row
	cursor func(i int) string
	info   relay.PageInfo
	total  *int
}

// windowOf is a list's page.
func windowOf(s *source, got *result) page {
	kind, within := loader.ProjectJobList, int64(0)
	switch s.kind {
	case pipelineJobs:
		kind, within = loader.PipelineJobList, got.owner.pipeline
	case pipelineBridges:
		kind, within = loader.BridgeList, got.owner.pipeline
	}
	w := got.window
	p := page{rows: w.Rows, total: w.Total, cursor: func(i int) string {
		offset := 0
		if w.Offsets != nil {
			offset = w.Offsets[i]
		}
		return relay.NumberCursor(kind, within, w.Rows[i].id, offset)
	}}
	p.info.HasNextPage, p.info.HasPreviousPage = w.HasNext, w.HasPrev
	return p
}

// connectionPlan is a selection on a connection.
type connectionPlan []connectionField

type connectionField struct {
	key  []byte
	emit func(w *writer, p *page)
}

// connection compiles a selection on a connection of nodes of a type.
func (c *compiler) connection(f graphql.CollectedField, node string, nodes func(ast.SelectionSet) objectPlan) connectionPlan {
	var plan connectionPlan
	for _, field := range c.collect(f.Selections, node+"Connection") {
		plan = append(plan, connectionField{responseKey(field), c.connectionField(field, node, nodes)})
	}
	return plan
}

func (c *compiler) connectionField(f graphql.CollectedField, node string, nodes func(ast.SelectionSet) objectPlan) func(*writer, *page) {
	switch f.Name {
	case "nodes":
		object := nodes(f.Selections)
		return func(w *writer, p *page) {
			w.each(len(p.rows), func(i int) { w.object(object, p.rows[i]) })
		}
	case "edges":
		edge := c.edge(f, node, nodes)
		return func(w *writer, p *page) {
			w.each(len(p.rows), func(i int) { edge(w, p, i) })
		}
	case "pageInfo":
		return c.pageInfo(f)
	case "totalCount":
		return func(w *writer, p *page) {
			if p.total == nil {
				w.null()
			} else {
				w.integer(int64(*p.total))
			}
		}
	case "__typename":
		return func(w *writer, _ *page) { w.quoted(node + "Connection") }
	}
	c.failed = true
	return nil
}

// edge compiles a selection on an edge.
func (c *compiler) edge(f graphql.CollectedField, node string, nodes func(ast.SelectionSet) objectPlan) func(*writer, *page, int) {
	type field struct {
		key  []byte
		emit func(*writer, *page, int)
	}
	var fields []field
	for _, selected := range c.collect(f.Selections, node+"Edge") {
		one := field{key: responseKey(selected)}
		switch selected.Name {
		case "cursor":
			one.emit = func(w *writer, p *page, i int) { w.quoted(p.cursor(i)) }
		case "node":
			object := nodes(selected.Selections)
			one.emit = func(w *writer, p *page, i int) { w.object(object, p.rows[i]) }
		case "__typename":
			one.emit = func(w *writer, _ *page, _ int) { w.quoted(node + "Edge") }
		default:
			c.failed = true
		}
		fields = append(fields, one)
	}
	return func(w *writer, p *page, i int) {
		w.out = append(w.out, '{')
		for n := range fields {
			w.separate(n)
			w.out = append(w.out, fields[n].key...)
			fields[n].emit(w, p, i)
		}
		w.out = append(w.out, '}')
	}
}

// pageInfo compiles a selection on a connection's page info.
func (c *compiler) pageInfo(f graphql.CollectedField) func(*writer, *page) {
	fields := c.collect(f.Selections, "PageInfo")
	keys := make([][]byte, len(fields))
	for i, field := range fields {
		keys[i] = responseKey(field)
	}
	return func(w *writer, p *page) {
		w.out = append(w.out, '{')
		for n := range fields {
			w.separate(n)
			w.out = append(w.out, keys[n]...)
			w.pageInfo(fields[n].Name, p)
		}
		w.out = append(w.out, '}')
	}
}

func (w *writer) pageInfo(name string, p *page) {
	cursor := func(i int) {
		if len(p.rows) == 0 {
			w.null()
		} else {
			w.quoted(p.cursor(i))
		}
	}
	switch name {
	case "hasNextPage":
		w.boolean(p.info.HasNextPage)
	case "hasPreviousPage":
		w.boolean(p.info.HasPreviousPage)
	case "startCursor":
		cursor(0)
	case "endCursor":
		cursor(len(p.rows) - 1)
	case "__typename":
		w.quoted("PageInfo")
	}
}

// connection writes a page of a connection.
func (w *writer) connection(plan connectionPlan, p page) {
	w.out = append(w.out, '{')
	for n := range plan {
		w.separate(n)
		w.out = append(w.out, plan[n].key...)
		plan[n].emit(w, &p)
	}
	w.out = append(w.out, '}')
}

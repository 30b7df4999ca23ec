package projection

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/model"
	"jobgraph/graph/relay"
)

// artifacts compiles the connection of what a job left behind. It comes with the job, and is paged in memory by the same function as in the model.
func (c *compiler) artifacts(at *scope, f graphql.CollectedField) emit {
	arguments := c.artifactArguments(f)
	slot := at.source.layout.slot(at.shape, "artifacts")
	jobURL := at.source.layout.slot(at.shape, "web_url")
	elements := newLayoutWithoutID(c.artifact)
	item := &scope{typeName: "Artifact", shape: elements.root, source: &source{layout: elements}}
	typeSlot, nameSlot := elements.slot(elements.root, "file_type"), elements.slot(elements.root, "filename")
	connection := c.connection(f, "Artifact", func(selection ast.SelectionSet) objectPlan {
		return c.object(item, selection, func(at *scope, f graphql.CollectedField) emit { return c.artifactField(at, f, typeSlot) })
	})
	key := func(r *row) string { return r.plain(typeSlot) + "/" + r.plain(nameSlot) }
	return func(w *writer, r *row) {
		wanted, ok := arguments(w.vars)
		if !ok {
			w.aside()
			return
		}
		all, ok := artifactRows(r, r.spans[slot], r.spans[jobURL], elements)
		if !ok || slices.ContainsFunc(all, func(a *row) bool { return a.spans[typeSlot].what != text || a.spans[nameSlot].what != text }) {
			w.aside()
			return
		}
		if len(wanted.fileTypes) > 0 {
			all = slices.DeleteFunc(all, func(a *row) bool { return !slices.Contains(wanted.fileTypes, a.plain(typeSlot)) })
		}
		slice := relay.Slice(all, wanted.page, model.ArtifactList, key)
		w.connection(connection, page{
			rows: slice.Nodes(), info: slice.PageInfo, total: slice.TotalCount,
			cursor: func(i int) string { return slice.Edges[i].Cursor },
		})
	}
}

// artifactsWanted are the arguments of a job's artifacts.
type artifactsWanted struct {
	page      relay.Page
	fileTypes []string
}

// artifactArguments reads the arguments: once for all where they hold no variables.
func (c *compiler) artifactArguments(f graphql.CollectedField) func(vars map[string]any) (artifactsWanted, bool) {
	read := func(vars map[string]any) (artifactsWanted, bool) {
		a, ok := bind(f.Field, vars)
		page, err := a.page.Page(model.ArtifactList, 0)
		return artifactsWanted{page, a.fileTypes}, ok && err == nil
	}
	if hasVariables(f.Arguments) {
		return read
	}
	fixed, ok := read(nil)
	c.failed = c.failed || !ok
	return func(map[string]any) (artifactsWanted, bool) { return fixed, true }
}

// plain is a string that needs no care, without its quotes.
func (r *row) plain(slot int) string {
	s := r.spans[slot]
	return string(r.body[s.lo+1 : s.hi-1])
}

// artifactRows reads the elements of a job's artifacts as rows of their own; the last span of each is the job's address.
func artifactRows(job *row, s, jobURL span, elements *layout) ([]*row, bool) {
	var all []*row
	if s.what != listValue {
		return nil, true
	}
	scan := scanner{body: job.body, at: int(s.lo) + 1}
	for scan.next() != ']' {
		if len(all) > 0 {
			scan.at++ // ,
			scan.next()
		}
		r := &row{body: job.body, spans: make([]span, elements.size+1)}
		if !scan.object(elements.root, r.spans, 0) {
			return nil, false
		}
		r.spans[elements.size] = jobURL
		all = append(all, r)
	}
	return all, true
}

// artifactField compiles what an artifact has beyond leaves.
func (c *compiler) artifactField(at *scope, f graphql.CollectedField, typeSlot int) emit {
	if f.Name != "downloadUrl" {
		return c.field(at, f)
	}
	return func(w *writer, r *row) {
		jobURL := r.spans[len(r.spans)-1]
		if jobURL.what != text || jobURL.hi-jobURL.lo == 2 {
			w.aside()
			return
		}
		w.quoted(model.DownloadURL(string(r.body[jobURL.lo+1:jobURL.hi-1]), r.plain(typeSlot)))
	}
}

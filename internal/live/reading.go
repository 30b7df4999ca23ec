package live

import (
	"bytes"
	"context"
	"encoding/json"

	"jobgraph/restclient"
)

// The bounds of one read.
const (
	maxPages   = 20 // of a pipeline's list: 2,000 jobs
	maxSingles = 10 // jobs that a list no longer has, read one by one
)

// reading is one read of GitLab in progress. It holds no lock.
type reading struct {
	engine     *Engine
	credential restclient.Credential
	// known is what this watch, and what the topic, read last. Rows with equal bytes are not decoded
	// again.
	known [2][]entry
}

// page is one page of a list as it was read.
type page struct {
	path    string
	rows    []*Item
	headers restclient.Page
}

// list reads a list to its end.
func (r *reading) list(ctx context.Context, path func(page int) string, bridges bool) ([]page, error) {
	var pages []page
	for n := 1; ; n++ {
		p, err := r.page(ctx, path(n), bridges)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
		if !p.headers.HasNext {
			return pages, nil
		}
		if n == maxPages {
			return nil, &LimitError{Limit: "jobs of a pipeline that is watched", Value: maxPages * 100}
		}
	}
}

// page reads one page of a list.
func (r *reading) page(ctx context.Context, path string, bridges bool) (page, error) {
	response, err := r.engine.fetch(ctx, r.credential, path)
	if err != nil {
		return page{}, err
	}
	var raws []json.RawMessage
	if err := json.Unmarshal(response.Body, &raws); err != nil || raws == nil {
		return page{}, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: err}
	}
	p := page{path: path, rows: make([]*Item, len(raws)), headers: response.Page}
	for i, raw := range raws {
		if p.rows[i], err = r.item(raw, bridges); err != nil {
			return page{}, err
		}
	}
	return p, nil
}

// single reads one job.
func (r *reading) single(ctx context.Context, project, job int64) (*Item, error) {
	get := restclient.SingleJob(projectID(project), job)
	if err := get.Err(); err != nil {
		return nil, err
	}
	response, err := r.engine.fetch(ctx, r.credential, get.Path())
	if err != nil {
		return nil, err
	}
	return r.item(response.Body, false)
}

// item decodes a job or trigger job, unless the same bytes were decoded before.
func (r *reading) item(raw json.RawMessage, bridge bool) (*Item, error) {
	var key struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return nil, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: err}
	}
	for _, entries := range r.known {
		if e, found := find(entries, key.ID); found && bytes.Equal(e.item.raw, raw) {
			return e.item, nil
		}
	}
	return decodeItem(bytes.Clone(raw), bridge) // a copy, so that the whole page is not kept for one row
}

func rowsOf(pages []page) []*Item {
	var all []*Item
	for _, p := range pages {
		all = append(all, p.rows...)
	}
	return all
}

// brought returns the responses to paths that a read has fetched already.
func brought(pages []page) func(path string) (*restclient.Response, bool) {
	return func(path string) (*restclient.Response, bool) {
		for _, p := range pages {
			if p.path != path {
				continue
			}
			raws := make([][]byte, len(p.rows))
			for i, row := range p.rows {
				raws[i] = row.raw
			}
			body := append(append([]byte{'['}, bytes.Join(raws, []byte{','})...), ']')
			return &restclient.Response{Status: 200, Body: body, Page: p.headers}, true
		}
		return nil, false
	}
}

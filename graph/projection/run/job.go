package run

import (
	"context"
	"slices"

	"jobgraph/graph/projection/plan"
)

// restPage is a REST page of jobs.
type restPage struct{ rows []*row }

// loadJob finds a job in the REST page that led to its project or in a list that the query reads in
// any case, or reads it by its own call: where the executor finds it.
func (x *execution) loadJob(ctx context.Context, s *plan.Step, into *result) error {
	o := into.owner
	if o.listed != nil {
		in := &plan.Owner{Kind: plan.OfJob, Project: s.ProjectSlot}
		if into.find(o.listed.rows, func(r *row) bool {
			of, _ := ownerOf(in, r)
			return r.ID == o.job && of.project == o.project
		}) {
			return nil
		}
	}
	if s.Jobs != nil {
		for _, path := range x.request.JobLists(ctx, o.rest()) {
			list, _ := x.scanned(ctx, path, s.Jobs, owner{project: o.project, path: o.path}, plan.JobRows)
			if list.err != nil {
				return list.err
			}
			if into.find(list.rows, func(r *row) bool { return r.ID == o.job }) {
				return nil
			}
		}
	}
	return x.loadObject(ctx, s, into)
}

// find takes a row out of several, as a copy of its own; it reports whether there is one.
func (got *result) find(rows []*row, is func(*row) bool) bool {
	i := slices.IndexFunc(rows, is)
	if i < 0 {
		return false
	}
	got.rows = own(rows[i : i+1])
	return true
}

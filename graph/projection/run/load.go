package run

import (
	"context"

	"jobgraph/graph/arguments"
	"jobgraph/graph/projection/jsonscan"
	"jobgraph/graph/projection/plan"
	"jobgraph/restclient"
)

// load fills a result with the rows that a step yields.
func (x *execution) load(ctx context.Context, s *plan.Step, into *result) error {
	switch s.Kind {
	case plan.AddressedProject, plan.AddressedPipeline:
		into.rows = []*row{{owner: &into.owner}}
		return nil
	case plan.ByID:
		return x.loadIDs(s, into)
	case plan.SingleJob:
		return x.loadJob(ctx, s, into)
	case plan.CurrentJob, plan.SinglePipeline, plan.SingleProject:
		return x.loadObject(ctx, s, into)
	case plan.LatestPipeline:
		return x.loadLatest(ctx, s, into)
	case plan.ProjectPipelines:
		return x.loadPipelines(ctx, s, into)
	case plan.SingleBridge:
		return x.loadBridge(ctx, s, into)
	case plan.Stages:
		return x.loadStages(ctx, s, into)
	case plan.StageJobs:
		return nil // they came with the stage
	case plan.JobCounts:
		return x.loadCounts(ctx, s, into)
	case plan.Attempts:
		return x.loadAttempts(ctx, s, into)
	case plan.Downstream:
		return x.loadDownstream(ctx, s, into)
	case plan.Descendants:
		return x.loadDescendants(ctx, s, into)
	}
	return x.loadPage(ctx, s, into)
}

// loadIDs makes a row of each ID in the arguments of node, nodes or projects.
func (x *execution) loadIDs(s *plan.Step, into *result) error {
	a, err := x.arguments(s)
	if err != nil {
		return err
	}
	if s.Field.Name == "node" {
		a.IDs = []string{a.ID}
	}
	if a.IDs == nil || len(a.IDs) > arguments.MaxIDs {
		return errFallback
	}
	read := globalID
	if s.Field.Name == "projects" {
		read = projectAddress
	}
	for _, value := range a.IDs {
		o, err := read("ids", value)
		if err != nil {
			return err
		}
		if _, covered := s.ByKind[o.kind()]; !covered {
			return errFallback
		}
		into.rows = append(into.rows, &row{owner: &o})
	}
	return nil
}

func (x *execution) loadObject(ctx context.Context, s *plan.Step, into *result) error {
	r := &row{owner: &into.owner}
	if s.Kind == plan.SingleProject && into.owner.project != 0 {
		if known, err := x.byPath(ctx, s, r); known || err != nil {
			into.rows = []*row{r}
			return err
		}
	}
	response, err := x.fetch(ctx, objectPath(s.Kind, into.owner))
	if err != nil {
		return err
	}
	if err := jsonscan.ScanObject(response.Body, s.Layout, &r.Row); err != nil {
		return err
	}
	into.rows = []*row{r}
	if s.Kind == plan.SingleJob || s.Kind == plan.CurrentJob {
		return belongs(r, s.ProjectSlot)
	}
	return nil
}

// byPath reads a project of which the number is known into a row, where a field of the query itself
// fetches it by its path.
func (x *execution) byPath(ctx context.Context, s *plan.Step, r *row) (bool, error) {
	for _, root := range x.plan.Root {
		if root.Kind != plan.SingleProject {
			continue
		}
		at, err := x.addressed(root)
		if err != nil || at.path == "" {
			continue // the field itself falls back for a wrong argument
		}
		response, err := x.fetch(ctx, objectPath(plan.SingleProject, at))
		if err != nil {
			return false, err
		}
		if err := jsonscan.ScanObject(response.Body, s.Layout, &r.Row); err != nil {
			return false, err
		}
		if r.ID == r.owner.project {
			return true, nil
		}
	}
	return false, nil
}

func objectPath(kind plan.Kind, o owner) string {
	switch kind {
	case plan.SingleJob:
		return restclient.SingleJob(o.rest(), o.job).Path()
	case plan.CurrentJob:
		return restclient.CurrentJob().Path()
	case plan.SinglePipeline:
		return restclient.SinglePipeline(o.rest(), o.pipeline).Path()
	}
	return restclient.SingleProject(o.rest()).Path()
}

// belongs checks that the number of a job's project is known; if it is not, the executor asks for
// it.
func belongs(r *row, projectSlot int) error {
	if projectSlot != plan.None && r.owner.project == 0 && r.Spans[projectSlot].Kind != jsonscan.Number {
		return errFallback
	}
	return nil
}

package fakegitlab

import "slices"

// collect adds the pipeline and its downstream pipelines, also indirect ones, to a set.
func (pl *pipeline) collect(into map[*pipeline]bool) {
	if into[pl] {
		return
	}
	into[pl] = true
	for _, j := range pl.jobs {
		if j.downstream != nil {
			j.downstream.collect(into)
		}
	}
}

// removePipelines removes pipelines with their jobs. Bridges to them lose their downstream
// pipeline.
func (w *world) removePipelines(gone map[*pipeline]bool) {
	if len(gone) == 0 {
		return
	}
	projects := map[*project]bool{}
	for pl := range gone {
		pl.removed, projects[pl.project] = true, true
		delete(w.pipelines, pl.id)
		for _, j := range pl.jobs {
			delete(w.jobs, j.id)
		}
	}
	for token, j := range w.jobTokens {
		if j.pipeline.removed {
			delete(w.jobTokens, token)
		}
	}
	for _, j := range w.jobs {
		if j.downstream != nil && j.downstream.removed {
			j.downstream = nil
		}
	}
	for p := range projects {
		p.builds = slices.DeleteFunc(p.builds, func(j *job) bool { return j.pipeline.removed })
		p.pipelines = slices.DeleteFunc(p.pipelines, func(pl *pipeline) bool { return pl.removed })
		p.forgetRefs(gone)
	}
}

// forgetRefs removes the heads of refs that have no pipeline after the removal of gone.
func (p *project) forgetRefs(gone map[*pipeline]bool) {
	alive := map[string]bool{}
	for _, pl := range p.pipelines {
		alive[pl.Ref] = true
	}
	for pl := range gone {
		if pl.project == p && !alive[pl.Ref] {
			delete(p.heads, pl.Ref)
		}
	}
}

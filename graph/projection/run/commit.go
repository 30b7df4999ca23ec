package run

import (
	"jobgraph/graph/model"
	"jobgraph/graph/projection/plan"
	"jobgraph/restclient"
)

// trailers writes the trailers of a commit, which the model reads.
func (w *writer) trailers(f *plan.Field, r *row) {
	commit := model.Commit{Commit: &restclient.Commit{
		Trailers: r.Bytes(r.Spans[f.Slot]), ExtendedTrailers: r.Bytes(r.Spans[f.Other]),
	}}
	all, err := commit.Trailers()
	if err != nil {
		w.fail()
		return
	}
	w.each(len(all), func(i int) {
		w.object(f.Object, &row{computed: &computed{name: all[i].Key, texts: all[i].Values}})
	})
}

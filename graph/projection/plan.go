package projection

import (
	"strconv"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/gid"
	"jobgraph/graph/paging"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// plan is an operation made ready: what to fetch, and how to write the answer from it. Once compiled, nothing of it changes but what it remembers of its
// answers' length.
type plan struct {
	sources int       // how many there are
	root    []*source // those that the root fields name
	answer  objectPlan
	length  atomic.Int64 // of the last answers
}

// sourceKind is what a source fetches.
type sourceKind uint8

const (
	addressedProject  sourceKind = iota // nothing: a project by its address
	addressedPipeline                   // nothing: a pipeline by its address
	named                               // nothing: the things that IDs name, each to be fetched by the source below for its kind
	singleJob
	currentJob
	wholePipeline
	wholeProject
	projectJobs
	pipelineJobs
	pipelineBridges
)

// source is something to be fetched: once for each distinct owner among the rows above it.
type source struct {
	kind  sourceKind
	field *ast.Field
	fixed *bound // the field's arguments, where they hold no variables

	layout  *layout
	below   []*source
	ownerOf func(*row) (owner, bool) // of a row of the source above; false where there is nothing to fetch
	place   int                      // among the sources below the one above

	projectSlot int               // of jobs and bridges: the number of their pipeline's project
	refOf       func(*row) string // of jobs that are asked for by branch or tag: theirs
	named       map[gid.Kind]emit // of what IDs name: how a thing of each kind that is covered is written
}

// owner is what something is fetched for: a project by number or path, and something in it.
type owner struct {
	project  int64
	path     string
	pipeline int64
	job      int64
}

// rest is the project's address in REST paths.
func (o owner) rest() restclient.ProjectID {
	if o.project != 0 {
		return restclient.ProjectID(strconv.FormatInt(o.project, 10))
	}
	return restclient.ProjectID(o.path)
}

// suffices tells whether an owner says enough to fetch something for it.
func (o owner) suffices(kind sourceKind) bool {
	ofPipeline := kind == pipelineJobs || kind == pipelineBridges
	return (o.project != 0 || o.path != "") && (o.pipeline > 0 || !ofPipeline)
}

// unnumbered tells whether an owner is only the project of a job or pipeline, whose number stands in the field's own arguments.
func (o owner) unnumbered(kind sourceKind) bool {
	switch kind {
	case singleJob:
		return o.job == 0
	case addressedPipeline, wholePipeline:
		return o.pipeline == 0
	}
	return false
}

// result is what a source has fetched for one owner.
type result struct {
	owner  owner
	rows   []*row
	window paging.Window[*row] // of lists
	below  [][]*result         // of each source below, for each row; nil where there is nothing
}

// bound is the arguments of one field, with the values of variables in them.
type bound struct {
	project, id    string
	ids            []string
	page           relay.Arguments
	scope          []string
	ref            string
	includeRetried bool
	fileTypes      []string
}

// objectPlan is a selection on one type.
type objectPlan []fieldPlan

// fieldPlan writes one field of the answer.
type fieldPlan struct {
	key  []byte // the response key, quoted, with its colon
	emit emit
}

// emit writes one value from a row.
type emit func(w *writer, r *row)

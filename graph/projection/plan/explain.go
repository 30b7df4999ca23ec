package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// String prints the plan: what is fetched or computed, and how the answer is written from it.
func (p *Plan) String() string {
	e := explanation{numbers: map[*Step]int{}, lists: map[*List]int{}}
	e.steps(p.Root, 0)
	e.line(0, "answer")
	e.object(p.Answer, 1)
	return e.out.String()
}

// explanation is a plan as text.
type explanation struct {
	out     strings.Builder
	numbers map[*Step]int
	lists   map[*List]int
}

func (e *explanation) line(depth int, format string, args ...any) {
	e.out.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(&e.out, format, args...)
	e.out.WriteByte('\n')
}

var kinds = map[Kind]string{
	AddressedProject: "a project by its address, no call", AddressedPipeline: "a pipeline by its address, no call", ByID: "a row for each ID, no call",
	SingleJob: "GET a job", CurrentJob: "GET the job of the token", SinglePipeline: "GET a pipeline", SingleProject: "GET a project",
	ProjectJobs: "GET a page of a project's jobs", PipelineJobs: "GET a page of a pipeline's jobs", Bridges: "GET a page of a pipeline's trigger jobs",
	SingleBridge: "find a trigger job in", Stages: "group by stage", StageJobs: "the jobs of each stage, no call", JobCounts: "count by status",
	Downstream: "the pipelines started by", Descendants: "the pipelines started by, level by level,", Attempts: "find the attempts in",
	LatestPipeline: "GET the latest pipeline", ProjectPipelines: "GET a page of a project's pipelines",
}

// steps prints steps in the order in which they are numbered.
func (e *explanation) steps(steps []*Step, depth int) {
	for _, s := range steps {
		e.numbers[s] = len(e.numbers) + 1
		e.line(depth, "%s", e.step(s))
		e.steps(s.Below, depth+1)
	}
}

func (e *explanation) step(s *Step) string {
	text := fmt.Sprintf("#%d %s: %s", e.numbers[s], s.Field.Name, kinds[s.Kind])
	if s.SearchPage {
		text += " that is not in the REST page of the job that led to it"
	}
	if s.Kind == SingleJob && s.Jobs != nil {
		text += " that is not in a list of the query's pipelines"
	}
	if s.Kind != StageJobs {
		for _, l := range s.Lists() {
			text += fmt.Sprintf(" [list %d of %s]", e.list(l), rowNames[l.Of])
		}
	}
	if s.Owner != nil {
		text += ", once for each " + owners[s.Owner.Kind]
		if s.Owner.Only {
			text += "'s project"
		}
	}
	if s.Of != "" {
		text += fmt.Sprintf(", of IDs of a %s", s.Of)
	}
	if len(s.Lacks) > 0 {
		text += ", where the row lacks a field"
	}
	return text
}

var rowNames = map[string]string{"Job": "jobs", "Bridge": "trigger jobs", "Pipeline": "pipelines"}

var owners = map[OwnerKind]string{Asked: "address", OfJob: "job", OfStub: "pipeline of a job", OfPipeline: "pipeline"}

func (e *explanation) list(l *List) int {
	if e.lists[l] == 0 {
		e.lists[l] = len(e.lists) + 1
	}
	return e.lists[l]
}

// nameOf returns the response key, in quotes, of what is written before a value.
func nameOf(key []byte) string { return strings.Trim(string(key), ",:") }

func (e *explanation) object(object Object, depth int) {
	for i := range object {
		e.field(&object[i], depth)
	}
}

var ops = map[Op]string{
	WriteLiteral: "constant", WriteText: "copy text", WriteVerbatim: "copy", WriteWord: "enum", WriteTexts: "copy texts", WriteGlobalID: "global ID", WriteObject: "object",
	WriteAround: "the same row", WriteJobID: "global ID", WriteBridgeID: "global ID", WritePipelineID: "global ID", WritePipelineNumber: "its number", WriteProjectID: "global ID",
	WriteProjectNumber: "its number", WriteBoolean: "from the status", WriteCompleted: "the row's, or", WriteConnection: "page of", WriteArtifacts: "page of the job's artifacts",
	WriteDownloadURL: "from the job's address", WriteSingle: "the row of", WriteByID: "by the ID's kind, of", WriteRows: "the rows of", WriteStageName: "computed",
	WriteDecimal: "copy, unquoted", WriteRetried: "whether a later one is among the rows of", WriteAttempts: "those of its stage and name among the rows of",
	WriteTrailers: "from the commit's trailers", WriteTrailerKey: "computed", WriteTrailerValues: "computed", WriteStageStatus: "computed",
	WriteStageJobs: "the rows of", WriteCountStatus: "computed", WriteCount: "computed",
}

func (e *explanation) field(f *Field, depth int) {
	text := nameOf(f.Key) + " " + ops[f.Op]
	if f.Step != nil {
		text += fmt.Sprintf(" #%d", e.numbers[f.Step])
	}
	if f.Also != nil {
		text += " and " + f.Also.String()
	}
	e.line(depth, "%s", text)
	switch f.Op {
	case WriteCompleted:
	case WriteConnection, WriteArtifacts:
		e.connection(f.Page, depth+1)
	case WriteStageJobs:
		e.line(depth+1, "jobs")
		e.object(f.Object, depth+2)
		e.line(depth+1, "trigger jobs")
		e.object(f.Second, depth+2)
	case WriteByID:
		e.byKind(f.Step, depth+1)
	default:
		e.object(f.Object, depth+1)
	}
}

// String returns the condition in words.
func (t *Test) String() string {
	if len(t.Present) > 0 {
		return "what is there"
	}
	return "the reason of the failure"
}

func (e *explanation) byKind(s *Step, depth int) {
	for _, kind := range slices.Sorted(maps.Keys(s.ByKind)) {
		field := s.ByKind[kind]
		e.line(depth, "%s: the row of #%d", kind, e.numbers[field.Step])
		e.object(field.Object, depth+1)
	}
}

func (e *explanation) connection(c *Connection, depth int) {
	for i := range c.Fields {
		f := &c.Fields[i]
		e.line(depth, "%s", nameOf(f.Key))
		e.object(f.Nodes, depth+1)
		for j := range f.Edges {
			e.line(depth+1, "%s", nameOf(f.Edges[j].Key))
			e.object(f.Edges[j].Node, depth+2)
		}
	}
}

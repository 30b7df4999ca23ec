// Package plan compiles an operation into a plan: a tree of steps, each of which yields rows, and
// of objects, each of which describes how a row is written.
//
//	Step    fetches something for each distinct owner among the rows above, or computes it from
//	        lists that were fetched
//	List    is a REST list, which is read once and may be used by several steps
//	Object  is a selection on one type: for each response key, the operation that writes its value
//	        from a row
//
// A plan covers what REST JSON alone answers. [Compiler.Compile] returns nil for any other
// operation, which the generated executor then answers. A plan is data: package run interprets it,
// and [Plan.String] prints it. It depends on the values of the variables in @skip and @include, and
// on no other variable.
package plan

import (
	"slices"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/graph/gid"
	"jobgraph/graph/projection/jsonscan"
)

// Plan is a compiled operation. Nothing of it changes but Length.
type Plan struct {
	Steps  int // how many there are
	Lists  int
	Root   []*Step
	Answer Object
	Bytes  int          // of memory that the plan takes, estimated
	Length atomic.Int64 // of the last answers
}

// Kind is what a step does.
type Kind uint8

// The kinds of steps.
const (
	AddressedProject  Kind = iota // no call: a project of which only the address is needed
	AddressedPipeline             // no call: a pipeline of which only the address is needed
	ByID                          // no call: a row for each global ID in the arguments
	SingleJob
	CurrentJob
	SinglePipeline
	SingleProject
	LatestPipeline   // none if there is none
	ProjectJobs      // a page
	ProjectPipelines // a page
	PipelineJobs     // a page
	Bridges          // a page
	SingleBridge     // found in the whole list
	Stages           // jobs and trigger jobs, grouped
	StageJobs        // no call: the jobs and trigger jobs of a stage
	JobCounts        // jobs, counted
	Attempts         // jobs, those of the same stage and name as a row above
	Downstream       // the pipelines that trigger jobs started
	Descendants      // those pipelines, the ones that these started, and so on
)

// Rows are the kinds of rows that one step may mix.
type Rows uint8

// The kinds of rows.
const (
	AnyRows Rows = iota
	JobRows
	BridgeRows
)

// Step yields rows: once for each distinct owner among the rows of the step above.
type Step struct {
	Kind      Kind
	Field     *ast.Field
	Arguments *Arguments // nil if they hold variables: see Bind
	Place     int        // among the steps below the one above
	Below     []*Step

	// The rows above to which it applies, and its owner there.
	Owner *Owner // nil at the query's root: what the arguments name
	Rows  Rows
	Of    gid.Kind    // rows of ByID that name this kind; "" for other rows
	Lacks []Condition // only rows for which one of them holds; none: all rows

	// What it reads.
	Layout                   *jsonscan.Layout // of a single object
	Jobs, Bridges, Pipelines *List            // Jobs of SingleJob: the lists in which it is searched first
	Siblings                 []*ast.Field     // the selected fields of the pipeline whose list it is

	ProjectSlot int                // of rows that are jobs: the number of their project; None if it is not read
	SearchPage  bool               // of SingleJob: it is searched in the REST page that led to its project first
	Key         KeySlots           // of Attempts: of the rows above
	Started     *Owner             // of Downstream and Descendants: the pipeline that a trigger job started
	ByKind      map[gid.Kind]Field // of ByID: how a thing of each kind that is covered is written
}

// Lists are the lists that the step reads.
func (s *Step) Lists() []*List {
	return slices.DeleteFunc([]*List{s.Jobs, s.Bridges, s.Pipelines}, func(l *List) bool { return l == nil })
}

// KeySlots are the slots of what all attempts of a job have in common.
type KeySlots struct{ Stage, Name int }

// List is a REST list.
type List struct {
	Number int
	Of     string // the type of its rows
	Layout *jsonscan.Layout
	Facts  Facts
	Shared bool // by several steps
	Alone  bool // no other list of the plan has the same REST pages

	ProjectSlot int // the number of a job's project; None if the rows are not jobs
}

// Facts are the slots of what rules about jobs depend on: grouping, counting, filters. A slot is
// None if no rule asks for it.
type Facts struct {
	Name, Stage, Status, AllowFailure, Ref, PipelineRef, Tags, FailureReason, Runner, RunnerID int
}

// None is a slot that is not read.
const None = -1

func noFacts() Facts { return Facts{None, None, None, None, None, None, None, None, None, None} }

// Condition holds for rows that lack something.
type Condition struct {
	Always bool
	Slot   int    // there is no value in it
	Number *Owner // the owner's project is known by its path only
}

// OwnerKind is how the owner of what is below a row is found.
type OwnerKind uint8

const (
	Asked      OwnerKind = iota // what the row itself was asked for
	OfJob                       // the project of a job or trigger job
	OfStub                      // the pipeline inside a job or trigger job
	OfPipeline                  // the row is the pipeline
)

// Owner describes what something below a row is fetched for.
type Owner struct {
	Kind     OwnerKind
	Present  int    // OfStub: the slot of the pipeline
	Pipeline int    // OfStub: the slot of the pipeline's number
	Project  int    // the slot of the project's number, None if no slot has it
	Around   *Owner // OfStub: has the project that the stub does not name; nil if then nothing has
	Only     bool   // the project alone
}

// Object is a selection on one type.
type Object []Field

// Field writes one field of the answer.
type Field struct {
	Key        []byte // what is written before the value: the response key, its colon, and a comma unless it is the first
	Op         Op
	Name       string // in the schema
	Slot       int
	Other      int // a second slot
	Nullable   bool
	NeverEmpty bool // an empty text is a missing one
	Words      map[string][]byte
	ID         func(int64) string
	Text       []byte // of WriteLiteral; of WriteBoolean: for a status that is not among Words
	Object     Object
	Also       *Test  // of WriteBoolean: must hold too
	Second     Object // of WriteStageJobs: for trigger jobs; of WriteCompleted: for the step's row
	Owner      *Owner
	Step       *Step
	Self       bool       // of projects: the row is the project itself
	Closed     bool       // of WriteObject: rows that have the object in common have the same value
	Missing    *Condition // WriteCompleted: where the step's row answers
	Page       *Connection
	Items      *Artifacts
}

// Test is a condition of a boolean that follows from more than a status.
type Test struct {
	Reason  int // the slot of a text that must be none of Final; None if there is no such rule
	Final   []string
	Present []int // slots, one of which must have an object or a list that is not empty; none if there is no such rule
}

// Op is how a field is written.
type Op uint8

// The operations.
const (
	WriteLiteral Op = iota
	WriteText
	WriteVerbatim
	WriteDecimal // a number, or a number in a string
	WriteWord
	WriteTexts
	WriteGlobalID
	WriteObject // one inside the row
	WriteAround // the row itself, as another type
	WriteJobID
	WriteBridgeID
	WritePipelineID
	WritePipelineNumber // of a pipeline known by its address
	WriteProjectID
	WriteProjectNumber
	WriteBoolean   // derived from the status, by Words, and what Also says
	WriteCompleted // by the row, or by the object's own call
	WriteConnection
	WriteArtifacts
	WriteDownloadURL
	WriteSingle // the one row of a step; null if it has none
	WriteByID   // by the kinds of the rows of a step
	WriteRows   // all rows of a step
	WriteStageName
	WriteStageStatus
	WriteStageJobs
	WriteCountStatus
	WriteCount
	WriteRetried  // whether a step has a later attempt of the row
	WriteAttempts // those rows of a step that are attempts of the row
	WriteTrailers // of a commit: from the objects at two keys
	WriteTrailerKey
	WriteTrailerValues
)

// Connection is a selection on a connection.
type Connection struct {
	Node   string // the type of its nodes
	Fields []ConnectionField
}

// ConnectionField writes one field of a connection.
type ConnectionField struct {
	Key      []byte
	Name     string
	Nodes    Object
	Edges    []EdgeField
	PageInfo []PageInfoField
}

// EdgeField writes one field of an edge.
type EdgeField struct {
	Key  []byte
	Name string
	Node Object
}

// PageInfoField writes one field of a page info.
type PageInfoField struct {
	Key  []byte
	Name string
}

// Artifacts is the connection of a job's artifacts, which stand in the job.
type Artifacts struct {
	Field      *ast.Field
	Arguments  *Arguments // nil if they hold variables
	Layout     *jsonscan.Layout
	Slot       int // of the list in the job
	URL        int // of the job's page
	Type, Name int // of the artifact's own
}

package plan

import "github.com/99designs/gqlgen/graphql"

// attempts compiles the attempts of a job.
func (c *compilation) attempts(at *scope, f graphql.CollectedField) Field {
	s := c.attemptsOf(at, f)
	inner := jobScope(s, s.Jobs.Layout, JobRows)
	inner.home = at.around()
	return Field{Op: WriteAttempts, Step: s, Object: c.object(inner, f.Selections, c.field)}
}

// attemptsOf returns the step that finds the attempts of jobs in the lists of their pipelines.
func (c *compilation) attemptsOf(at *scope, f graphql.CollectedField) *Step {
	l := c.list(at.around(), retriedJobs)
	l.needKey()
	key := KeySlots{Stage: at.layout.Slot(at.shape, "stage"), Name: at.layout.Slot(at.shape, "name")}
	return c.add(&Step{Kind: Attempts, Owner: stubScope(at, "pipeline").owner, Jobs: l, Key: key}, f, at)
}

// around returns the scope that has the lists of a job's pipeline: that of the pipeline, if the job
// is in one of its lists.
func (at *scope) around() *scope {
	if at.home != nil {
		return at.home
	}
	return at
}

// needKey selects what all attempts of a list's jobs have in common.
func (l *List) needKey() {
	l.Facts.Stage, l.Facts.Name = l.Layout.Slot(l.Layout.Root, "stage"), l.Layout.Slot(l.Layout.Root, "name")
}

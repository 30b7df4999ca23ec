package model

import (
	"slices"

	"jobgraph/graph/gid"
	"jobgraph/graph/relay"
	"jobgraph/restclient"
)

// Pages of trigger jobs, as the schema names them.
type (
	BridgeConnection = relay.Connection[*Bridge]
	BridgeEdge       = relay.Edge[*Bridge]
)

// Bridge is a trigger job, its project, whose number is known, and the pipeline in whose list it
// is.
type Bridge struct {
	*restclient.Bridge
	In       *Project
	ListedIn int64 // the pipeline's number
	// PathPrefix is the path below which GitLab is installed on its host, as gitlab/; "" for none.
	PathPrefix string
}

// IsNode marks a bridge as a Node.
func (*Bridge) IsNode() {}

// IsProcessable marks a bridge as a Processable.
func (*Bridge) IsProcessable() {}

// ID is the global ID.
func (b *Bridge) ID() string { return gid.Bridge(b.In.Number, b.ListedIn, b.Bridge.ID) }

// DatabaseID is GitLab's number of the bridge.
func (b *Bridge) DatabaseID() int64 { return b.Bridge.ID }

// Status is the bridge's status in the graph's words; nil if GitLab sent none.
func (b *Bridge) Status() *JobStatus { return jobStatus(b.Bridge.Status) }

// Commit is the commit it runs for.
func (b *Bridge) Commit() *Commit { return newCommit(b.Bridge.Commit) }

// User is who started it.
func (b *Bridge) User() *User { return NewUser(b.Bridge.User) }

// Pipeline is the pipeline it belongs to, as far as the bridge carries it.
func (b *Bridge) Pipeline() *Pipeline { return NewPipeline(b.Bridge.Pipeline, b.In) }

// Project is the project it belongs to.
func (b *Bridge) Project() *Project { return withScope(b.In, b.Bridge.Project) }

// DownstreamPipeline is the pipeline it started, as far as the bridge carries it.
func (b *Bridge) DownstreamPipeline() *Pipeline {
	p := b.Bridge.DownstreamPipeline
	if p == nil {
		return nil
	}
	return &Pipeline{Pipeline: p, In: downstreamProject(p, b.PathPrefix)}
}

// Active reports whether the trigger job is waiting or running.
func (b *Bridge) Active() bool { return isActive(b.Bridge.Status) }

// Complete reports whether the trigger job has ended.
func (b *Bridge) Complete() bool { return isComplete(b.Bridge.Status) }

// FinalReasons are the reasons of failures after which a trigger job cannot be retried.
var FinalReasons = []string{"pipeline_loop_detected", "reached_max_descendant_pipelines_depth"}

// Retryable reports whether the status allows a retry, and the reason of a failure does.
func (b *Bridge) Retryable() bool {
	if b.archived() || !isRetryable(b.Bridge.Status) {
		return false
	}
	return b.FailureReason == nil || !slices.Contains(FinalReasons, *b.FailureReason)
}

// Playable reports whether the status allows a play.
func (b *Bridge) Playable() bool { return !b.archived() && b.Bridge.Status == "manual" }

func (b *Bridge) archived() bool { return b.Bridge.Archived != nil && *b.Bridge.Archived }

package live

import (
	"errors"
	"strconv"
	"strings"
)

// Kind is a kind of topic.
type Kind string

// The kinds of topics.
const (
	Pipeline    Kind = "pipeline" // a pipeline with its jobs and trigger jobs
	ProjectJobs Kind = "jobs"     // a project's newest jobs
	Job         Kind = "job"      // one job, whichever pipeline it belongs to: for wake-ups
	Log         Kind = "log"      // a job's log
)

// Topic identifies a thing at GitLab that can change. It does not identify a caller.
type Topic struct {
	Kind    Kind
	Project int64
	ID      int64 // of the pipeline or job; 0 for a project's jobs
}

// String returns the topic in the form that replicas exchange.
func (t Topic) String() string {
	return string(t.Kind) + "/" + strconv.FormatInt(t.Project, 10) + "/" + strconv.FormatInt(t.ID, 10)
}

var errTopic = errors.New("not a topic")

// ParseTopic parses the form that String returns.
func ParseTopic(s string) (Topic, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 {
		return Topic{}, errTopic
	}
	project, err1 := strconv.ParseInt(parts[1], 10, 64)
	id, err2 := strconv.ParseInt(parts[2], 10, 64)
	kind := Kind(parts[0])
	known := kind == Pipeline || kind == ProjectJobs || kind == Job || kind == Log
	if err1 != nil || err2 != nil || !known {
		return Topic{}, errTopic
	}
	return Topic{Kind: kind, Project: project, ID: id}, nil
}

// topicKey is a topic with what selects a part of it.
type topicKey struct {
	Topic
	scope string // of a project's jobs: statuses, joined by commas
	ref   string // of a project's jobs
}

package model

import "slices"

// summary is what the jobs of a stage contribute to its status, as a set: a bit for each of
// Statuses, in their order, and the following ones.
type summary uint16

const (
	unknownStatus summary = 1 << (13 + iota)
	passed                // success with warnings
	ignored
)

// set returns the set of some statuses.
func set(words ...string) summary {
	var s summary
	for _, w := range words {
		s |= 1 << slices.Index(Statuses, w)
	}
	return s
}

// The rules of GitLab's composite status (lib/gitlab/ci/status/composite.rb), in its order: those
// for stages that have nothing else, and those for stages that have one of these.
var (
	hasOnly = []rule{
		{set("skipped") | ignored, "SKIPPED"},
		{set("skipped", "success") | passed | ignored, "SUCCESS"},
		{set("created") | passed | ignored, "CREATED"},
		{set("preparing") | passed | ignored, "PREPARING"},
		{set("canceled", "success", "skipped") | passed | ignored, "CANCELED"},
		{set("pending", "created", "skipped") | passed | ignored, "PENDING"},
	}
	hasAny = []rule{
		{set("running", "pending"), "RUNNING"},
		{set("waiting_for_resource"), "WAITING_FOR_RESOURCE"},
		{set("waiting_for_callback"), "WAITING_FOR_CALLBACK"},
		{set("manual"), "MANUAL"},
		{set("scheduled"), "SCHEDULED"},
		{set("preparing"), "PREPARING"},
		{set("created"), "RUNNING"},
		{set("canceling"), "CANCELING"},
		{unknownStatus, Unknown},
	}
)

type rule struct {
	of     summary
	status JobStatus
}

// status returns the composite status.
func (s summary) status() JobStatus {
	for _, r := range hasOnly {
		if s&^r.of == 0 {
			return r.status
		}
	}
	for _, r := range hasAny {
		if s&r.of != 0 {
			return r.status
		}
	}
	return "FAILED"
}

// summary is what one job contributes.
func (f *Fact) summary() summary {
	switch {
	case f.AllowFailure && (f.Status == "failed" || f.Status == "canceled"):
		return passed
	case f.AllowFailure && f.Status == "manual":
		return ignored
	}
	return 1 << statusIndex(f.Status)
}

package fakegitlab

import "time"

const (
	onlineWithin = 2 * time.Hour      // contact this fresh is "online"
	staleAfter   = 7 * 24 * time.Hour // no contact for this long is "stale"
)

// runner shows the runner that took the job: none before it started.
func (r *render) runner(j *job) *runnerEntity {
	if j.Runner == nil || !reached(j.StartedAt, r.q.now) {
		return nil
	}
	n, now := j.Runner, r.q.now
	e := &runnerEntity{
		ID: n.ID, Description: n.Description, Active: !n.Paused, Paused: n.Paused, IsShared: n.Type == "instance_type", Type: n.Type,
		Name: orNull(n.Name), Online: contactStatus(n.CreatedAt, n.ContactedAt, now) == "online",
		Status: contactStatus(n.CreatedAt, n.ContactedAt, now),
	}
	if n.Paused && (e.Status == "online" || e.Status == "offline") {
		e.Status = "paused"
	}
	if !r.q.lacks(Older17) {
		e.runnerOrigin = &runnerOrigin{CreatedAt: stamp(n.CreatedAt)}
		if n.CreatedBy != nil {
			by := r.userBasic(n.CreatedBy)
			e.CreatedBy = &by
		}
		e.execution = executing(n.Busy)
	}
	return e
}

func (r *render) manager(j *job) *managerEntity {
	if j.RunnerManager == nil || !reached(j.StartedAt, r.q.now) {
		return nil
	}
	m := j.RunnerManager
	e := &managerEntity{
		ID: m.ID, SystemID: m.SystemID, Version: orNull(m.Version), Revision: orNull(m.Revision), Platform: orNull(m.Platform),
		Architecture: orNull(m.Architecture), CreatedAt: stamp(m.CreatedAt), ContactedAt: stamp(m.ContactedAt), IPAddress: orNull(m.IPAddress),
		Status: contactStatus(m.CreatedAt, m.ContactedAt, r.q.now),
	}
	if !r.q.lacks(Older17) {
		e.execution = executing(m.Busy)
	}
	return e
}

// contactStatus follows GitLab's rule: stale when old and silent for long, then never contacted,
// then by the last contact.
func contactStatus(createdAt, contactedAt, now time.Time) string {
	silent := now.Sub(contactedAt)
	switch {
	case now.Sub(createdAt) >= staleAfter && silent >= staleAfter:
		return "stale"
	case contactedAt.IsZero():
		return "never_contacted"
	case silent <= onlineWithin:
		return "online"
	}
	return "offline"
}

func executing(busy bool) *execution {
	if busy {
		return &execution{"active"}
	}
	return &execution{"idle"}
}

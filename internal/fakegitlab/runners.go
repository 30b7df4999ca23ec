package fakegitlab

import "time"

const (
	onlineWithin = 2 * time.Hour      // a runner is "online" for this long after a contact
	staleAfter   = 7 * 24 * time.Hour // a runner is "stale" after this long without contact
)

// runner returns the job's runner, or nil before the job has started.
func (r *render) runner(j *job) *runnerEntity {
	if j.Runner == nil || !reached(j.StartedAt, r.q.now) {
		return nil
	}
	n := j.Runner
	status := contactStatus(n.CreatedAt, n.ContactedAt, r.q.now)
	e := &runnerEntity{
		ID: n.ID, Description: n.Description, Active: !n.Paused, Paused: n.Paused,
		IsShared: n.Type == "instance_type", Type: n.Type, Name: orNull(n.Name),
		Online: status == "online", Status: status,
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

// manager returns the job's runner manager, or nil before the job has started.
func (r *render) manager(j *job) *managerEntity {
	if j.RunnerManager == nil || !reached(j.StartedAt, r.q.now) {
		return nil
	}
	m := j.RunnerManager
	e := &managerEntity{
		ID: m.ID, SystemID: m.SystemID, Version: orNull(m.Version), Revision: orNull(m.Revision),
		Platform: orNull(m.Platform), Architecture: orNull(m.Architecture),
		CreatedAt: stamp(m.CreatedAt), ContactedAt: stamp(m.ContactedAt), IPAddress: orNull(m.IPAddress),
		Status: contactStatus(m.CreatedAt, m.ContactedAt, r.q.now),
	}
	if !r.q.lacks(Older17) {
		e.execution = executing(m.Busy)
	}
	return e
}

// contactStatus returns the status of a runner or manager by GitLab's rules, in their order: stale
// if both its creation and its last contact are long ago, never_contacted without a contact, and
// otherwise online or offline by the time of the last contact.
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

package fakegitlab

import (
	"fmt"
	"io"
	"slices"
)

// Update changes the instance while it runs. The change is atomic for requests.
func (s *Server) Update(change func(*Builder)) {
	now, unlock := s.lock(true)
	defer unlock()
	change(&Builder{world: s.world, now: now})
}

// AddJob adds a job to a pipeline and returns its ID.
func (s *Server) AddJob(pipelineID int64, spec Job) (id int64) {
	s.Update(func(b *Builder) { id = b.PipelineBuilder(pipelineID).Job(0, spec) })
	return id
}

// ChangeJob changes any property of a job or bridge, including its status.
func (s *Server) ChangeJob(id int64, change func(*Job)) {
	s.Update(func(b *Builder) {
		j := b.world.mustJob(id)
		j.settle(b.now)
		j.pinLog(b.now)
		change(&j.Job)
		j.fillTimes()
		j.traceSize.Store(0)
	})
}

// FinishJob ends a job now.
func (s *Server) FinishJob(id int64, status Status) {
	now := s.options.Now()
	s.ChangeJob(id, func(j *Job) {
		j.Status, j.FinishedAt = status, now
		if j.StartedAt.After(now) {
			j.StartedAt = now
		}
	})
}

func (w *world) mustJob(id int64) *job {
	j := w.jobs[id]
	if j == nil {
		panic(fmt.Sprintf("fakegitlab: no job %d", id))
	}
	return j
}

// AppendLog appends a text to a started job's log. The log so far stays, and no longer grows by
// itself.
func (s *Server) AppendLog(id int64, text string) {
	s.Update(func(b *Builder) {
		j := b.world.mustJob(id)
		log := j.log(b.now, s.options.LogInterval)
		have := make([]byte, log.Size())
		if _, err := log.ReadAt(have, 0); err != nil && err != io.EOF {
			panic(err) // a log in memory can be read
		}
		j.Log = Log{Text: string(have) + text}
		j.traceSize.Store(0)
	})
}

// ArchiveLog archives the log of a finished job, as GitLab does some time after its end: the job
// gets a trace artifact of the log's size. rewrite returns the final log for the live one. If it is
// nil, the live log stays.
func (s *Server) ArchiveLog(id int64, rewrite func(live string) string) {
	s.AppendLog(id, "")
	s.ChangeJob(id, func(j *Job) {
		if rewrite != nil {
			j.Log.Text = rewrite(j.Log.Text)
		}
		j.Log.None = j.Log.Text == ""
		files := slices.DeleteFunc(slices.Clone(j.Artifacts), func(a Artifact) bool { return a.FileType == "trace" })
		j.Artifacts = append(files, Artifact{FileType: "trace", Format: "raw", Filename: "job.log"})
	})
}

// EraseJob removes a job's log and artifacts, regardless of its status and of permissions.
func (s *Server) EraseJob(id int64) {
	s.Update(func(b *Builder) { b.world.mustJob(id).erase(b.now) })
}

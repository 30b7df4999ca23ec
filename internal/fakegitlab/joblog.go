package fakegitlab

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The intervals at which GitLab asks a runner to send the log of a running job: short while the
// job's page is open in a browser, long otherwise.
const (
	WatchedLogInterval   = 3 * time.Second
	UnwatchedLogInterval = time.Minute
)

// firstUpdate is when a runner first sends a part of a log, before GitLab has sent it an interval.
const firstUpdate = 3 * time.Second

// sentUntil returns the time up to which the runner has sent the log, if it sends a part at every
// interval.
func (j *job) sentUntil(now time.Time, interval time.Duration) time.Time {
	if !j.finished(now).IsZero() || interval <= 0 {
		return now
	}
	if j.Log.Watched {
		interval = min(interval, WatchedLogInterval)
	}
	since := now.Sub(j.StartedAt) - firstUpdate
	if since < 0 {
		return j.StartedAt.Add(-1)
	}
	return j.StartedAt.Add(firstUpdate + since.Truncate(interval))
}

// log returns the part of the job's log that the runner has sent by now. While the job runs, the
// runner sends a part at every interval. A generated log is made anew for each request, from the
// job alone. Its lines have fixed times between start and end, so that a running job's log only
// grows.
func (j *job) log(now time.Time, interval time.Duration) logSource {
	switch {
	case !j.ErasedAt.IsZero() || j.Log.None || j.started(now).IsZero():
		return strings.NewReader("")
	case j.Log.Text != "":
		return strings.NewReader(j.Log.Text)
	case j.Log.Size > 0:
		return &bulkLog{size: j.sentBytes(now, interval), start: j.StartedAt}
	}
	w := &logWriter{plain: j.Log.Plain, until: j.sentUntil(now, interval), start: j.StartedAt}
	end := j.finished(now)
	if !end.IsZero() {
		w.until = end
	}
	w.body(j.script(), j.plannedEnd())
	if j.FinishedAt.IsZero() || !j.logEnd.IsZero() {
		w.heartbeat(j.plannedEnd(), j.Log.Every)
	}
	if !end.IsZero() {
		w.tail(tailEntries(j, j.statusAt(now)), end)
	}
	return strings.NewReader(w.out.String())
}

// finalLogSize returns the size of the log of a finished job. It is computed once, and again after
// one of the simulator's methods has changed the log.
func (j *job) finalLogSize(now time.Time) int64 {
	if known := j.traceSize.Load(); known > 0 {
		return known - 1
	}
	size := j.log(now, 0).Size()
	j.traceSize.Store(size + 1)
	return size
}

// sentBytes returns how many bytes of a log of Log.Size the runner has sent: all of them once the
// job has finished.
func (j *job) sentBytes(now time.Time, interval time.Duration) int64 {
	if !j.finished(now).IsZero() {
		return j.Log.Size
	}
	ran, planned := j.sentUntil(now, interval).Sub(j.StartedAt), j.plannedEnd().Sub(j.StartedAt)
	share := min(1, max(0, ran.Seconds()/planned.Seconds()))
	return int64(float64(j.Log.Size) * share)
}

// noPlan is how long the script of a job without a planned end takes.
const noPlan = 10 * time.Minute

// plannedEnd returns the time up to which the lines of the script are spread.
func (j *job) plannedEnd() time.Time {
	switch {
	case !j.logEnd.IsZero():
		return j.logEnd
	case !j.FinishedAt.IsZero():
		return j.FinishedAt
	}
	return j.StartedAt.Add(noPlan)
}

// pinLog fixes the times of a running job's log lines before the job's end changes.
func (j *job) pinLog(now time.Time) {
	if !j.started(now).IsZero() && j.finished(now).IsZero() {
		j.logEnd = j.plannedEnd()
	}
}

// entry is one write to a log.
type entry struct {
	text   string
	weight int    // relative time that passes before it
	stream string // "00O" the runner, "01O" and "01E" the script
	open   string // begins the section of this name (and options), with text as its title
	close  bool   // ends the innermost section
	more   bool   // no line feed: the next entry continues the line
}

// logWriter writes entries in the runner's format.
type logWriter struct {
	out       strings.Builder
	plain     bool
	start     time.Time
	until     time.Time
	last      time.Time // of the last entry written
	sections  []string  // open ones, outermost first
	unclosed  bool      // the current line has no line feed yet
	truncated bool      // the next entry is later than until
}

// body writes the entries whose time has come.
func (w *logWriter) body(entries []entry, end time.Time) {
	total, sum := 1, 0
	for _, e := range entries {
		total += e.weight
	}
	span := end.Sub(w.start) * 97 / 100 // the rest is for the tail
	for _, e := range entries {
		sum += e.weight
		at := w.start.Add(time.Duration(float64(span) * float64(sum) / float64(total)))
		if at.After(w.until) {
			w.truncated = true
			return
		}
		w.write(e, at)
	}
}

// heartbeatInterval is the default interval of heartbeat lines. A job with a shorter interval
// prints maxFrequent lines at that one and then changes to the default, so that the log of a job
// that never ends stays small.
const (
	heartbeatInterval = 30 * time.Second
	maxFrequent       = 2400
)

// heartbeat writes a line at regular intervals after the script, for a job that keeps running.
func (w *logWriter) heartbeat(from time.Time, every time.Duration) {
	every = cmp.Or(every, heartbeatInterval)
	for at, n := from.Add(every), 1; !w.truncated && !at.After(w.until); at, n = at.Add(every), n+1 {
		w.write(entry{text: fmt.Sprintf("still running after %s", at.Sub(w.start).Truncate(time.Second)), stream: "01O"}, at)
		if n == maxFrequent {
			every = max(every, heartbeatInterval)
		}
	}
}

func (w *logWriter) write(e entry, at time.Time) {
	w.last = at
	switch {
	case e.close:
		w.endSection(at)
	case e.open != "":
		name, _, _ := strings.Cut(e.open, "[")
		w.sections = append(w.sections, name)
		w.put(at, "00O", fmt.Sprintf("section_start:%d:%s\r\x1b[0K", at.Unix(), e.open), true)
		w.put(at, "00O", "\x1b[0K\x1b[36;1m"+e.text+"\x1b[0;m\x1b[0;m", false)
	default:
		w.put(at, e.stream, e.text, e.more)
	}
}

func (w *logWriter) endSection(at time.Time) {
	if w.unclosed {
		w.put(at, "01O", "", false)
	}
	w.put(at, "00O", fmt.Sprintf("section_end:%d:%s\r\x1b[0K", at.Unix(), w.sections[len(w.sections)-1]), true)
	w.sections = w.sections[:len(w.sections)-1]
}

// put writes one entry with its header. With timestamps, each entry is a line of the file, and an
// entry that continues the line before it has a plus sign.
func (w *logWriter) put(at time.Time, stream, text string, more bool) {
	if !w.plain {
		w.out.WriteString(at.UTC().Format("2006-01-02T15:04:05.000000Z "))
		w.out.WriteString(stream)
		if w.unclosed {
			w.out.WriteByte('+')
		} else {
			w.out.WriteByte(' ')
		}
	}
	w.out.WriteString(text)
	if !w.plain || !more {
		w.out.WriteByte('\n')
	}
	w.unclosed = more
}

// tail closes the open sections and writes the entries after the script, which depend on how the
// job ended.
func (w *logWriter) tail(entries []entry, end time.Time) {
	at := func(left int) time.Time {
		return later(w.last, end.Add(-time.Duration(left)*time.Millisecond))
	}
	for len(w.sections) > 0 {
		w.endSection(at(len(entries) + 1))
	}
	for i, e := range entries {
		w.write(e, at(len(entries)-i))
	}
}

const reset = "\x1b[0;m"

func tailEntries(j *job, status Status) []entry {
	switch status {
	case Failed:
		return failedTail(j)
	case Canceled:
		return []entry{
			{open: "after_script", text: "Running after_script"}, runner("Running after script..."), {close: true},
			clean(), runner("Cleaning up"), {close: true}, runner("\x1b[31;1mERROR: Job failed: canceled" + reset),
		}
	}
	t := []entry{
		{open: "archive_cache", text: "Saving cache for successful job"}, script("\x1b[32;1mCreating cache default-non_protected..." + reset),
		script("Archive is up to date!"), {close: true},
	}
	if len(j.Artifacts) > 1 {
		t = append(t, entry{open: "upload_artifacts_on_success", text: "Uploading artifacts for successful job"},
			script("\x1b[32;1mUploading artifacts..."+reset),
			script(fmt.Sprintf("Uploading artifacts as \"archive\" to coordinator... 201 Created  id\x1b[0;m=%d responseStatus\x1b[0;m=201 Created", j.id)),
			entry{close: true})
	}
	return append(t, clean(), entry{close: true}, runner("\x1b[32;1mJob succeeded"+reset))
}

func failedTail(j *job) []entry {
	exit := "exit code 1"
	if j.FailureReason == "runner_system_failure" {
		exit = "prepare environment: waiting for pod running: timed out waiting for pod to start"
	}
	if j.FailureReason == "job_execution_timeout" || j.FailureReason == "stuck_or_timeout_failure" {
		exit = "execution took longer than 1h0m0s seconds"
	}
	return []entry{
		stderr("\x1b[31;1m✗ 1 check failed\x1b[0m"), stderr("Error: expected 200, got 502 <Bad Gateway> & nothing else"), stderr("    at " + j.Name + " (line 42)"),
		{open: "upload_artifacts_on_failure", text: "Uploading artifacts for failed job"},
		script("\x1b[0;33mWARNING: coverage/: no matching files. Ensure that the artifact path is relative to the working directory\x1b[0;m"), {close: true},
		clean(), {close: true}, runner("\x1b[31;1mERROR: Job failed: " + exit + reset),
	}
}

func clean() entry {
	return entry{open: "cleanup_file_variables", text: "Cleaning up project directory and file based variables"}
}

func runner(text string) entry { return entry{text: text, weight: 1, stream: "00O"} }
func script(text string) entry { return entry{text: text, weight: 3, stream: "01O"} }
func stderr(text string) entry { return entry{text: text, weight: 2, stream: "01E"} }

func command(text string) entry { return script("\x1b[32;1m$ " + text + reset) }

// script returns the entries that the job prints until its script ends.
func (j *job) script() []entry {
	r := rand.New(rand.NewPCG(uint64(j.id), 17))
	entries := preamble(j)
	entries = append(entries, entry{open: "step_script", text: "Executing \"step_script\" stage of the job script", weight: 1})
	return append(entries, toolScript(j.Log.Tool, r)...)
}

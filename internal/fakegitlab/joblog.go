package fakegitlab

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// How often GitLab asks a runner to send what a running job has printed: often while the job's page
// is open in a browser, seldom otherwise.
const (
	WatchedLogInterval   = 3 * time.Second
	UnwatchedLogInterval = time.Minute
)

// firstUpdate is when a runner first sends a part of a log, before GitLab has told it an interval.
const firstUpdate = 3 * time.Second

// sentUntil returns the moment up to which the runner has sent the log, if it sends a part every
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

// log returns what the runner has sent of the job's log up to now, in steps of an interval while
// the job runs. A generated log is made anew for each request, from the job alone: its lines stand
// at fixed moments between start and end, so that a running job's log only ever grows.
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

// finalLogSize returns the size of the log of a job that has finished. It is counted once, for
// nothing but the simulator's own methods changes it any more.
func (j *job) finalLogSize(now time.Time) int64 {
	if known := j.traceSize.Load(); known > 0 {
		return known - 1
	}
	size := j.log(now, 0).Size()
	j.traceSize.Store(size + 1)
	return size
}

// sentBytes returns how much of a log of a given size the runner has sent: all of it once the job
// has finished.
func (j *job) sentBytes(now time.Time, interval time.Duration) int64 {
	if !j.finished(now).IsZero() {
		return j.Log.Size
	}
	ran, planned := j.sentUntil(now, interval).Sub(j.StartedAt), j.plannedEnd().Sub(j.StartedAt)
	share := min(1, max(0, ran.Seconds()/planned.Seconds()))
	return int64(float64(j.Log.Size) * share)
}

// noPlan is how long the script of a job takes that nothing ends.
const noPlan = 10 * time.Minute

// plannedEnd is the moment up to which the log's lines are spread.
func (j *job) plannedEnd() time.Time {
	switch {
	case !j.logEnd.IsZero():
		return j.logEnd
	case !j.FinishedAt.IsZero():
		return j.FinishedAt
	}
	return j.StartedAt.Add(noPlan)
}

// pinLog keeps what a running job has printed from moving when its end is about to change.
func (j *job) pinLog(now time.Time) {
	if !j.started(now).IsZero() && j.finished(now).IsZero() {
		j.logEnd = j.plannedEnd()
	}
}

// entry is one write to a log.
type entry struct {
	text   string
	weight int    // share of the time that passes before it
	stream string // "00O" the runner, "01O" and "01E" the script
	open   string // begins the section of this name (and options), with text as its title
	close  bool   // ends the innermost section
	more   bool   // no line feed: the next entry goes on in the same line
}

// logWriter writes entries as the runner does.
type logWriter struct {
	out       strings.Builder
	plain     bool
	start     time.Time
	until     time.Time
	last      time.Time // of the last entry written
	sections  []string  // open ones, outermost first
	unclosed  bool      // the line so far has no line feed
	truncated bool      // the clock has not come to the next entry
}

// body writes the entries whose moment has come.
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

// seldom is how often a job prints that runs past its script, and oftenLines is how many lines it
// prints more often than that where it is asked to, so that the log of a job that never ends stays
// of a readable size.
const (
	seldom     = 30 * time.Second
	oftenLines = 2400
)

// heartbeat goes on printing for as long as a job runs past its script.
func (w *logWriter) heartbeat(from time.Time, every time.Duration) {
	every = cmp.Or(every, seldom)
	for at, n := from.Add(every), 1; !w.truncated && !at.After(w.until); at, n = at.Add(every), n+1 {
		w.write(entry{text: fmt.Sprintf("still running after %s", at.Sub(w.start).Truncate(time.Second)), stream: "01O"}, at)
		if n == oftenLines {
			every = max(every, seldom)
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

// put writes one entry with its header. With timestamps, each write is a line of the file: one that
// goes on in the line before it has a plus sign.
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

// tail closes what is open and writes what follows the script: how the job ended decides it,
// whatever was planned.
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

// script is all that the job prints until its script ends.
func (j *job) script() []entry {
	r := rand.New(rand.NewPCG(uint64(j.id), 17))
	entries := preamble(j)
	entries = append(entries, entry{open: "step_script", text: "Executing \"step_script\" stage of the job script", weight: 1})
	return append(entries, toolScript(j.Log.Tool, r)...)
}

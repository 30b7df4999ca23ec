package joblog

import (
	"bytes"
	"strconv"
	"strings"
)

// failedPrefix begins the line in which the runner says why a job failed.
const failedPrefix = "ERROR: Job failed"

// maxMessage is the most bytes of that line that are kept.
const maxMessage = 4096

// afterFailure are the runner's steps that follow one that failed; they cannot be what failed the
// job.
var afterFailure = map[string]bool{
	"after_script": true, "archive_cache_on_failure": true, "upload_artifacts_on_failure": true, "cleanup_file_variables": true,
}

// Failure finds why a job failed: the runner's message, and the last lines of the step that failed,
// which is the last section before those that follow a failure. It needs the whole log.
type Failure struct {
	count   int
	message string
	number  int // of the message's line

	section *Section
	inside  keeper // the last lines in that section
	outside keeper // and outside of all
}

// NewFailure keeps up to count lines of the step that failed.
func NewFailure(count int) *Failure { return &Failure{count: count} }

// Done is false, as a later line may always come.
func (f *Failure) Done() bool { return false }

// Line looks at a line.
func (f *Failure) Line(l *LineRef) {
	if text := l.Text(); bytes.HasPrefix(text, []byte(failedPrefix)) {
		text = text[:min(len(text), maxMessage)]
		f.message, f.number = string(text[:WholeCharacters(text)]), l.number
		return
	}
	if len(l.sections) == 0 {
		f.keep(&f.outside, l)
		return
	}
	section := l.sections[0]
	if afterFailure[section.Name] {
		return
	}
	if section != f.section {
		f.section, f.inside = section, keeper{}
	}
	f.keep(&f.inside, l)
}

// maxExcerpt bounds the lines that are kept, in bytes.
const maxExcerpt = 256 * 1024

func (f *Failure) keep(in *keeper, l *LineRef) {
	if f.count == 0 {
		return
	}
	in.add(l)
	for in.len() > f.count || in.len() > 1 && in.cost > maxExcerpt {
		in.dropFirst()
	}
}

// Kept is about how many bytes are kept.
func (f *Failure) Kept() int { return f.inside.cost + f.outside.cost }

// Message is the runner's message, without the word ERROR; empty where the log has none.
func (f *Failure) Message() string { return strings.TrimPrefix(f.message, "ERROR: ") }

// ExitCode is the code that the message names; ok is false where it names none.
func (f *Failure) ExitCode() (code int, ok bool) {
	for _, words := range []string{"exit code ", "exit status "} {
		if _, number, found := strings.Cut(f.message, words); found {
			code, err := strconv.Atoi(strings.TrimRight(number, ". "))
			return code, err == nil
		}
	}
	return 0, false
}

// Section is the name of the step that failed; empty where the log has no sections.
func (f *Failure) Section() string {
	if f.section == nil {
		return ""
	}
	return f.section.Name
}

// Lines are the last lines of the step that failed, up to count of them; without sections, the last
// ones before the message.
func (f *Failure) Lines(count int) []Line {
	from := &f.inside
	if f.section == nil {
		from = &f.outside
	}
	var lines []Line
	for i := range from.len() {
		if line := from.line(i); f.section != nil || line.Number < f.number {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-count):]
}

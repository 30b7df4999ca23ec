package joblog

import "time"

const (
	// maxDepth is how deep sections nest; one that starts deeper is not a section. The runner's own
	// nest one deep.
	maxDepth = 100
	// maxTitle is the most bytes of a line that are kept as a section's title.
	maxTitle = 1024
)

// Section is a part of a log between two markers. The parser completes it as the log goes on.
type Section struct {
	// Name is the markers' name, as in "step_script".
	Name string
	// Title is the text on the start marker's line; empty without.
	Title string
	// StartedAt is the start marker's time.
	StartedAt time.Time
	// FinishedAt is the end marker's time; zero without an end marker.
	FinishedAt time.Time
	// Depth is 0 for a section that is in no other.
	Depth int
	// FirstLine is the number of the first line after the start marker, which holds the title if there
	// is one.
	FirstLine int
	// LastLine is the number of the last line; FirstLine-1 for a section without lines. It means
	// nothing before Ended.
	LastLine int
	// Ended reports whether the section is over: by its end marker, or by that of a section around it.
	Ended bool
	// Collapsed is what the job asked a viewer to show at first.
	Collapsed bool
	// HideDuration reports whether the job asked a viewer not to show the duration.
	HideDuration bool
}

// Duration is the time between the markers; ok is false without an end marker.
func (s *Section) Duration() (d time.Duration, ok bool) {
	if s.FinishedAt.IsZero() {
		return 0, false
	}
	return s.FinishedAt.Sub(s.StartedAt), true
}

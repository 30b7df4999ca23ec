package joblog

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// linesAt parses a log from a place on.
func linesAt(log []byte, at Resume) []Line {
	lines := NewLines(Page{Count: math.MaxInt, MaxBytes: math.MaxInt})
	p := NewParserAt(at, lines)
	_, _ = p.Write(log[at.Offset:])
	_ = p.Close()
	return lines.Value()
}

// checkResumes reads the log on from each place that a line names.
func checkResumes(t *testing.T, log []byte, lines []Line) {
	t.Helper()
	var last Resume
	for i, l := range lines {
		at := l.Resume
		if at.Number > l.Number || at.Number < last.Number || at.Offset < last.Offset || at.Offset > int64(len(log)) {
			t.Fatalf("line %d is to be read on from %+v, the one before from %+v", l.Number, at, last)
		}
		if at.Offset == last.Offset && i > 0 {
			continue
		}
		last = at
		if diff := cmp.Diff(lines[at.Number:], linesAt(log, at), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("from %+v on (-from the beginning +from there):\n%s", at, diff)
		}
	}
}

func TestALogIsReadOnFromAnyPlaceThatALineNames(t *testing.T) {
	for name, log := range corpus(t) {
		t.Run(name, func(t *testing.T) { checkResumes(t, log, parse(t, log, whole).lines) })
	}
}

func TestALineNamesTheNearestPlaceToReadOnFrom(t *testing.T) {
	log := "one\nsection_start:1:a\r\x1b[0Ktitle\nsection_start:1:b\r\x1b[0K\n\x1b[31mred\nstill red\x1b[0m\nsection_end:1:b\r\x1b[0Kafter\nunfinished"
	want := []Resume{
		{4, 1, nil}, {32, 2, []string{"a"}}, {55, 2, []string{"a", "b"}}, {int64(strings.Index(log, "section_end")), 4, []string{"a", "b"}},
		{int64(strings.Index(log, "unfinished")), 5, []string{"a"}}, {int64(strings.Index(log, "unfinished")), 5, []string{"a"}},
	}
	for i, l := range parse(t, []byte(log), whole).lines {
		if diff := cmp.Diff(want[i], l.Resume, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", l.Text, diff)
		}
	}
}

func TestALineIsCompleteOnceItCannotGoOn(t *testing.T) {
	const header = "2024-05-22T12:43:46.962646Z 01O"
	for log, want := range map[string]string{
		"a\nb":                            "a. b…",
		"a\nb\n":                          "a. b.",
		"a\r":                             "a…",
		"section_start:1:a\r\x1b[0Ktitle": "title…",
		"part section_end:1:a\r\x1b[0K":   "part .",
		header + " a\n" + header + " b":   "a. b…",
		header + " a\n" + header + " b\n": "a. b.",
		header + " 5%\r\n":                "5%…", // the runner writes a progress bar out and goes on with it
		header + " 5%\r\n" + header + "+6%\r\n" + header + " done\n": "6%. done.",
		header + " " + strings.Repeat("x", runnerBuffer) + "\n":      strings.Repeat("x", runnerBuffer) + "…",
		header + " a\n2024-05-22":                                    "a. 2024-05-22…",
	} {
		var got []string
		for _, l := range parse(t, []byte(log), whole).lines {
			got = append(got, l.Text+map[bool]string{true: ".", false: "…"}[l.Complete])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", log, strings.Join(got, " "), want)
		}
	}
}

package joblog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const end = "\r\x1b[0K"

// describe writes a section as name[first-last] with what else it has.
func describe(s *Section) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(">", s.Depth))
	fmt.Fprintf(&b, "%s[%d-", s.Name, s.FirstLine)
	if s.Ended {
		fmt.Fprint(&b, s.LastLine)
	}
	b.WriteString("]")
	if d, ok := s.Duration(); ok {
		fmt.Fprintf(&b, " %s", d)
	}
	if s.Collapsed {
		b.WriteString(" collapsed")
	}
	if s.HideDuration {
		b.WriteString(" hide_duration")
	}
	if s.Title != "" {
		fmt.Fprintf(&b, " %q", s.Title)
	}
	return b.String()
}

func TestSections(t *testing.T) {
	cases := []struct {
		name, log       string
		sections, lines []string
	}{
		{"a section has a title, lines and a duration",
			"before\nsection_start:100:a" + end + "\x1b[36;1mTitle\x1b[0m\nin\nsection_end:103:a" + end + "after\n",
			[]string{`a[2-3] 3s "Title"`}, []string{":before", "a:Title", "a:in", ":after"}},
		{"a section that is not closed has no end",
			"section_start:100:a" + end + "Title\nin\n",
			[]string{`a[1-] "Title"`}, []string{"a:Title", "a:in"}},
		{"an end without a start is ignored, and no line",
			"section_end:100:a" + end + "\nx\n", nil, []string{":x"}},
		{"sections nest",
			"section_start:1:a" + end + "A\nsection_start:2:b" + end + "B\nsection_end:3:b" + end + "\nsection_end:4:a" + end + "\n",
			[]string{`a[1-2] 3s "A"`, `>b[2-2] 1s "B"`}, []string{"a:A", "b:B"}},
		{"an outer end closes what is open inside, without a duration",
			"section_start:1:a" + end + "A\nsection_start:2:b" + end + "B\nsection_end:4:a" + end + "\nx\nsection_end:5:b" + end + "\n",
			[]string{`a[1-2] 3s "A"`, `>b[2-2] "B"`}, []string{"a:A", "b:B", ":x"}},
		{"of two sections with one name the inner one ends first",
			"section_start:1:a" + end + "\nsection_start:2:a" + end + "\nx\nsection_end:3:a" + end + "\ny\nsection_end:5:a" + end + "\n",
			[]string{"a[1-2] 4s", ">a[1-1] 1s"}, []string{"a:x", "a:y"}},
		{"several markers may stand in one line",
			"section_end:1:x" + end + "section_start:1:a" + end + "\x1b[0KA\nsection_end:2:a" + end + "section_start:2:b" + end + "B\n",
			[]string{`a[1-1] 1s "A"`, `b[2-] "B"`}, []string{"a:A", "b:B"}},
		{"text before and after a marker is two lines",
			"one section_start:1:a" + end + "two section_end:2:a" + end + "three\n",
			[]string{`a[2-2] 1s "two "`}, []string{":one ", "a:two ", ":three"}},
		{"a carriage return before a marker clears the line, as in GitLab's viewer",
			"50%\r100%\rsection_start:1:a" + end + "A\n", []string{`a[1-] "A"`}, []string{"a:A"}},
		{"a section may be empty",
			"x\nsection_start:1:a" + end + "\nsection_end:1:a" + end + "\ny\n",
			[]string{"a[2-1] 0s"}, []string{":x", ":y"}},
		{"text on a later line is no title",
			"section_start:1:a" + end + "\nx\n", []string{"a[1-]"}, []string{"a:x"}},
		{"options may follow the name",
			"section_start:1:a[hide_duration=true,collapsed=true]" + end + "A\nsection_start:1:b[collapsed=false]" + end + "B\n",
			[]string{`a[1-] collapsed hide_duration "A"`, `>b[2-] "B"`}, []string{"a:A", "b:B"}},
		{"milliseconds are understood",
			"section_start:1600445393032:a" + end + "\nsection_end:1600445395032:a" + end + "\n", []string{"a[1-0] 2s"}, nil},
		{"a long title is cut at a whole character",
			"section_start:1:a" + end + "x" + strings.Repeat("é", 600) + "\n",
			[]string{fmt.Sprintf("a[1-] %q", "x"+strings.Repeat("é", 511))}, []string{"a:x" + strings.Repeat("é", 600)}},
		{"a marker split by the runner is one marker",
			stamped("00O section_start:1:a\r", "00O+\x1b[0K\x1b[36;1mTitle\x1b[0m", "01O x", "00O section_end:2:a\r", "00O+\x1b[0KJob succeeded"),
			[]string{`a[1-2] 1s "Title"`}, []string{"a:Title", "a:x", ":Job succeeded"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := parse(t, []byte(c.log), whole)
			var sections, lines []string
			for _, s := range got.sections {
				sections = append(sections, describe(s))
			}
			for _, l := range got.lines {
				lines = append(lines, l.Section+":"+l.Text)
			}
			if diff := cmp.Diff(c.sections, sections); diff != "" {
				t.Errorf("sections (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func stamped(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("2024-05-22T12:43:46.962646Z " + l + "\n")
	}
	return b.String()
}

func TestWhatIsNoMarkerIsText(t *testing.T) {
	for _, text := range []string{
		"section_start:1:a",
		"section_start:1:a\r",
		"section_start:1:\r\x1b[0K",
		"section_start::a\r\x1b[0K",
		"section_start:x:a\r\x1b[0K",
		"section_start:1:a b\r\x1b[0K",
		"section_start:1:a[]\r\x1b[0K",
		"section_start:1:a[b]\r\x1b[0K",
		"section_start:1:a[b=c\r\x1b[0K",
		"section_start:1:a\r\x1b[1K",
		"section_begin:1:a\r\x1b[0K",
		"section_start:99999999999999999:a\r\x1b[0K",
		"section_start:1:" + strings.Repeat("a", maxSectionName+1) + "\r\x1b[0K",
		"section_start:1:" + strings.Repeat("a", 2*maxMarker) + "\r\x1b[0K",
		"section_", "section_section_", "sect",
	} {
		got := parse(t, []byte(text+"x\n"), whole)
		if len(got.sections) != 0 || len(got.lines) != 1 {
			t.Errorf("%.40q: got %d sections, %d lines, want one line", text, len(got.sections), len(got.lines))
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	got := parse(t, []byte(strings.Repeat("section_start:1:a"+end, maxDepth+5)+"x\n"), whole)
	if len(got.sections) != maxDepth {
		t.Errorf("got %d sections, want %d", len(got.sections), maxDepth)
	}
}

func TestASectionsStartHasItsTime(t *testing.T) {
	s := parse(t, []byte("section_start:1716381826:a"+end), whole).sections[0]
	if want := time.Date(2024, 5, 22, 12, 43, 46, 0, time.UTC); !s.StartedAt.Equal(want) || !s.FinishedAt.IsZero() {
		t.Errorf("from %v to %v, want from %v and no end", s.StartedAt, s.FinishedAt, want)
	}
}

package joblog

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func FuzzParse(f *testing.F) {
	for _, log := range corpus(f) {
		f.Add(log, uint64(1))
	}
	for _, log := range []string{
		"", "\n", "\r\n", "section_", "section_start:1:a\r\x1b[0Ksection_end:1:a\r\x1b[0K",
		"2024-05-22T12:43:46.962646Z 01O a\r\n2024-05-22T12:43:46.962646Z 01E b\n2024-05-22T12:43:46.962646Z 01O+c",
		"\x1b]0;section_start:1:a\x07b\x1b[2Kc\x1b[5Dd\x1b[9Ge\x1b[1Kf", "\xf0\x9f\x98\x1b\xc2\x9b31m",
	} {
		f.Add([]byte(log), uint64(2))
	}
	f.Fuzz(func(t *testing.T, log []byte, seed uint64) {
		got := parse(t, log, whole)
		if got.raw != string(log) {
			t.Error("raw is not the log")
		}
		checkLines(t, got.lines)
		checkSections(t, got.sections, len(got.lines))
		checkResumes(t, log, got.lines)

		random := rand.New(rand.NewPCG(seed, 0))
		cut := parse(t, log, func() int { return 1 + random.IntN(20) })
		if diff := cmp.Diff(got, cut, cmp.AllowUnexported(parsed{})); diff != "" {
			t.Errorf("cut in pieces (-whole +cut):\n%s", diff)
		}
	})
}

func checkLines(t *testing.T, lines []Line) {
	t.Helper()
	for i, l := range lines {
		if l.Number != i+1 {
			t.Fatalf("line %d has the number %d", i+1, l.Number)
		}
		if !utf8.ValidString(l.Text) || !utf8.ValidString(l.ANSI) {
			t.Errorf("line %d is not valid UTF-8: %q, %q", l.Number, l.Text, l.ANSI)
		}
		if i := strings.IndexFunc(l.Text, func(c rune) bool { return c != '\t' && unicode.IsControl(c) }); i >= 0 {
			t.Errorf("line %d has a control character: %q", l.Number, l.Text)
		}
		// After a dot, as the text of a line may look like a header.
		again := parse(t, []byte("."+l.ANSI), whole).lines
		if len(again) != 1 || again[0].Text != "."+l.Text || again[0].ANSI != "."+l.ANSI {
			t.Errorf("line %d does not stand alone: %q became %+v", l.Number, l.ANSI, again)
		}
	}
}

func checkSections(t *testing.T, sections []*Section, lines int) {
	t.Helper()
	var around []*Section
	for _, s := range sections {
		if s.Depth > len(around) {
			t.Fatalf("%s is in no section of depth %d", describe(s), s.Depth-1)
		}
		around = append(around[:s.Depth], s)
		if s.Depth > 0 {
			outer := around[s.Depth-1]
			if s.FirstLine < outer.FirstLine || outer.Ended && (!s.Ended || s.LastLine > outer.LastLine) {
				t.Errorf("%s is not within %s", describe(s), describe(outer))
			}
		}
		if s.FirstLine > lines+1 || s.Ended && (s.LastLine < s.FirstLine-1 || s.LastLine > lines) {
			t.Errorf("%s in %d lines", describe(s), lines)
		}
	}
}

package joblog

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// parsed is all there is to know of a log.
type parsed struct {
	raw      string
	lines    []Line
	sections []*Section
}

// parse writes the log in pieces of the lengths that next gives.
func parse(t testing.TB, log []byte, next func() int) parsed {
	t.Helper()
	raw := NewRaw(math.MaxInt)
	lines := NewLines(Page{Count: math.MaxInt, MaxBytes: math.MaxInt})
	sections := NewSections(math.MaxInt)
	p := NewParser(raw, lines, sections)
	for rest := log; len(rest) > 0; {
		n := min(len(rest), next())
		piece := []byte(string(rest[:n])) // of its own, to be overwritten as a reader's buffer is
		if _, err := p.Write(piece); err != nil {
			t.Fatal(err)
		}
		for i := range piece {
			piece[i] = '#'
		}
		rest = rest[n:]
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	bytes, err := raw.Value()
	if err != nil {
		t.Fatal(err)
	}
	all, err := sections.Value()
	if err != nil {
		t.Fatal(err)
	}
	return parsed{string(bytes), lines.Value(), all}
}

func whole() int { return math.MaxInt }

func texts(lines []Line) []string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.Text
	}
	return texts
}

func TestLinesAreText(t *testing.T) {
	const stamp = "2024-05-22T12:43:46.962646Z "
	cases := []struct {
		name, log string
		want      []string
	}{
		{"an empty log has no lines", "", nil},
		{"a blank line is a line", "a\n\nb\n", []string{"a", "", "b"}},
		{"a line of nothing but escape sequences is none", "a\n\x1b[0K\n50%\r\x1b[K\nb\n\x1b[0;m", []string{"a", "b"}},
		{"the last line needs no end", "a\nb", []string{"a", "b"}},
		{"CRLF is a line end", "a\r\nb \r\n\r\n", []string{"a", "b ", ""}},
		{"tabs stay and other control characters go", "a\tb\x00c\x07d\x7fe\u0085f", []string{"a\tbcdef"}},
		{"each invalid byte is one U+FFFD", "a\xff\xfeb\xe2\x82\n\xe2\x82\xac", []string{"a��b��", "€"}},

		{"colours go", "\x1b[32;1m$ make\x1b[0;m", []string{"$ make"}},
		{"titles and hyperlinks go", "\x1b]0;title\x07a\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\", []string{"alink"}},
		{"character sets and two-byte sequences go", "\x1b(Ba\x1b=b\x1b7c", []string{"abc"}},
		{"a broken sequence goes up to what broke it", "\x1b[12\x1b[31mred\x1b[1éa\x1b]x\x1b[1mb", []string{"redéab"}},
		{"an unfinished sequence ends with the line", "a\x1b[3\nb\x1b]0;ti\nc\x1b\nd", []string{"a", "b", "c", "d"}},
		{"an endless title is text", "\x1b]" + strings.Repeat("x", 5000), []string{strings.Repeat("x", 5000)}},

		{"a rewritten line reads as it last looked", " 10%\r 55%\r100%\n", []string{"100%"}},
		{"a carriage return clears the line, as in GitLab's viewer", "Downloading\rDone\n", []string{"Done"}},
		{"one at the line's end does not", "100%\r\n", []string{"100%"}},
		{"two do", "100%\r\r\nnext", []string{"", "next"}},
		{"so does one before an escape sequence", "100%\r\x1b[0m\nnext", []string{"next"}},
		{"erasing to the end takes it away", "Downloading\rDone\x1b[K\n", []string{"Done"}},
		{"erasing the line does too", "Downloading\x1b[2K\rDone\n", []string{"Done"}},
		{"spaces that wipe a line are dropped", "Downloading\r           \rDone\n", []string{"Done"}},
		{"backspace and cursor sequences move", "|\b/\b-\x1b[1Gdone\x1b[3Do\x1b[2Cx", []string{"donex"}},
		{"a cursor sent far away stays near", "\x1b[60000Cx", []string{strings.Repeat(" ", terminalWidth) + "x"}},

		{"headers go", stamp + "01O a\n" + stamp + "01E b\n", []string{"a", "b"}},
		{"a line may have nothing but its header", stamp + "01O \n" + stamp + "01O b", []string{"", "b"}},
		{"a continuation joins its line", stamp + "01O a\n" + stamp + "01O+b\n" + stamp + "01O+c\n" + stamp + "01O d\n", []string{"abc", "d"}},
		{"headers may be missing on some lines", "x\n" + stamp + "01O a\ny\n" + stamp + "01O+b\n", []string{"x", "a", "y", "b"}},
		{"a continuation of nothing is a line", stamp + "01O+a\n", []string{"a"}},
		{"what only looks like a header is text", "2024-05-22T12:43:46.962646Z 01X a\n2024-05-22T12:43", []string{"2024-05-22T12:43:46.962646Z 01X a", "2024-05-22T12:43"}},
		{"a rewritten line goes on behind another stream's line",
			stamp + "01O 10%\r\n" + stamp + "01E warning\n" + stamp + "01O+100%\n" + stamp + "01O end\n",
			[]string{"100%", "warning", "end"}},
		{"so does a line cut at the runner's buffer",
			stamp + "01O " + strings.Repeat("x", runnerBuffer) + "\n" + stamp + "01E warning\n" + stamp + "01O+y\n",
			[]string{strings.Repeat("x", runnerBuffer) + "y", "warning"}},
		{"a finished line does not",
			stamp + "01O a\n" + stamp + "01E b\n" + stamp + "01O+c\n", []string{"a", "b", "c"}},
		{"a character cut by a continuation is whole", stamp + "01O \xe2\x82\n" + stamp + "01O+\xac\n", []string{"€"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := parse(t, []byte(c.log), whole)
			if diff := cmp.Diff(c.want, texts(got.lines), cmpEmpty); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

var cmpEmpty = cmp.Transformer("empty", func(s []string) string { return fmt.Sprintf("%q", s) })

func TestALineThatWaitsIsBounded(t *testing.T) {
	const stamp = "2024-05-22T12:43:46.962646Z "
	for name, other := range map[string]string{
		"many lines": strings.Repeat(stamp+"01E b\n", 2*maxQueuedLines),
		"long lines": strings.Repeat(stamp+"01E "+strings.Repeat("b", 6000)+"\n", 20),
		"one line":   stamp + "01E " + strings.Repeat("b", 2*maxQueuedBytes) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := texts(parse(t, []byte(stamp+"01O 10%\r\n"+other+stamp+"01O+100%\n"), whole).lines)
			if first, last := got[0], got[len(got)-1]; first != "10%" || last != "100%" {
				t.Errorf("first and last line are %q and %q, not the parts by themselves", first, last)
			}
			if want := strings.Count(other, "\n") + 2; len(got) != want {
				t.Errorf("got %d lines, want %d", len(got), want)
			}
		})
	}
}

func TestALongLineIsCut(t *testing.T) {
	for name, c := range map[string]struct{ log, want string }{
		"the longest line is whole": {strings.Repeat("x", maxColumns), strings.Repeat("x", maxColumns)},
		"a longer one ends in a mark": {
			strings.Repeat("é", maxColumns+1), strings.Repeat("é", maxColumns) + CutMark},
		"one that was rewritten is as long as it last was": {
			strings.Repeat("x", maxColumns+9) + "\r\x1b[Kdone", "done"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := texts(parse(t, []byte(c.log), whole).lines); len(got) != 1 || got[0] != c.want {
				t.Errorf("got %d lines, the first %d bytes long", len(got), len(got[0]))
			}
		})
	}
}

func TestANSIKeepsStylesAndStandsAlone(t *testing.T) {
	cases := []struct{ name, log, want string }{
		{"plain", "a", "a"},
		{"a style that is reset", "\x1b[32;1m$ make\x1b[0;m ok", "\x1b[32;1m$ make\x1b[0m ok"},
		{"a style that is not", "\x1b[31mred", "\x1b[31mred\x1b[0m"},
		{"a style from the line before", "\x1b[31m\nred", "\x1b[31mred\x1b[0m"},
		{"one style after another", "\x1b[31ma\x1b[1mb", "\x1b[31ma\x1b[0;31;1mb\x1b[0m"},
		{"what changes nothing", "\x1b[1m\x1b[22ma\x1b[K\x1b[?25l", "a"},
		{"bright colours", "\x1b[91;102ma", "\x1b[91;102ma\x1b[0m"},
		{"palette and direct colours", "\x1b[38;5;208;48;2;1;2;3ma", "\x1b[38;5;208;48;2;1;2;3ma\x1b[0m"},
		{"the colon form", "\x1b[38:2::1:2:3;4:3ma\x1b[4:0;39mb", "\x1b[38;2;1;2;3;4ma\x1b[0mb"},
		{"underline colours, which are left out", "\x1b[58;5;1ma", "a"},
		{"attributes off", "\x1b[1;2;3;4;5;6;7;8;9ma\x1b[22;23;24;25;27;28;29mb", "\x1b[1;2;3;4;5;6;7;8;9ma\x1b[0mb"},
		{"colours off", "\x1b[31;42ma\x1b[39mb\x1b[49mc", "\x1b[31;42ma\x1b[0;42mb\x1b[0mc"},
		{"nonsense", "\x1b[38;5;999;31;m\x1b[38m\x1b[38;7ma\x1b[>1m", "a"},
		{"a rewritten line", "\x1b[31mred\rgreen\x1b[0m\r\x1b[32mG", "\x1b[32mG\x1b[0m"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, l := range parse(t, []byte(c.log), whole).lines {
				got = append(got, l.ANSI)
			}
			if joined := strings.Join(got, "\n"); joined != c.want {
				t.Errorf("got %q, want %q", joined, c.want)
			}
		})
	}
}

func TestALineKnowsItsTimeAndStream(t *testing.T) {
	log := "none\n" +
		"2024-05-22T12:43:46.962646Z 01E a\n" +
		"2024-05-22T12:43:47.000000Z 01E+b\n" +
		"2024-02-31T12:43:46.962646Z 00O no such day\n"
	want := []Line{
		{Number: 1, Text: "none", ANSI: "none"},
		{Number: 2, Text: "ab", ANSI: "ab", Stream: Stderr, Time: time.Date(2024, 5, 22, 12, 43, 46, 962646000, time.UTC)},
		{Number: 3, Text: "no such day", ANSI: "no such day", Stream: Stdout},
	}
	if diff := cmp.Diff(want, parse(t, []byte(log), whole).lines, cmpopts.IgnoreFields(Line{}, "Complete", "Resume")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

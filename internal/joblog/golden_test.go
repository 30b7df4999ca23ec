package joblog

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// corpus is the logs in testdata, by name.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*.log"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	logs := make(map[string][]byte)
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		logs[strings.TrimSuffix(filepath.Base(file), ".log")] = log
	}
	return logs
}

func TestGolden(t *testing.T) {
	for name, log := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			got := render(parse(t, log, whole))
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// render writes what was parsed for a reader: sections first, then the lines. A long run of one
// character is counted.
func render(p parsed) string {
	var b strings.Builder
	for _, s := range p.sections {
		fmt.Fprintf(&b, "%s\n", describe(s))
	}
	for _, l := range p.lines {
		fmt.Fprintf(&b, "%3d ", l.Number)
		if !l.Time.IsZero() {
			fmt.Fprintf(&b, "%s %c ", l.Time.Format(time.TimeOnly+".000000"), l.Stream)
		}
		fmt.Fprintf(&b, "%s| %s\n", l.Section, shorten(l.Text))
		if l.ANSI != l.Text {
			fmt.Fprintf(&b, "    ansi| %s\n", shorten(l.ANSI))
		}
	}
	return b.String()
}

func shorten(text string) string {
	for _, c := range "xy" {
		run := strings.Repeat(string(c), 40)
		if from := strings.Index(text, run); from >= 0 {
			rest := strings.TrimLeft(text[from:], string(c))
			text = fmt.Sprintf("%s<%d × %c>%s", text[:from], len(text)-from-len(rest), c, rest)
		}
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// soup is a log of random pieces of what logs are made of.
func soup(random *rand.Rand) []byte {
	const stamp = "2024-05-22T12:43:46.962646Z "
	ingredients := []string{
		stamp + "00O ", stamp + "00O+", stamp + "01O ", stamp + "01O+", stamp + "01E ", stamp + "01E+", stamp, "2024-05",
		"\n", "\n", "\n", "\r\n", "\r", "\b", "\r\x1b[0K", "\x1b[2K", "\x1b[4C", "\x1b[3D", "\x1b[2G",
		"section_start:1:a", "section_start:1:b[collapsed=true]", "section_end:2:a", "section_end:2:b", "section_",
		"section_start:1:a\r\x1b[0K", "section_end:2:a\r\x1b[0K", "\x1b[31m", "\x1b[0;m", "\x1b]0;", "\x07", "\x1b", "\x1b[",
		"text", "é", "\xe2\x82", "\xac", "😀", "\xff", "\t", "\x00", strings.Repeat("x", runnerBuffer),
	}
	var b strings.Builder
	for range 100 {
		b.WriteString(ingredients[random.IntN(len(ingredients))])
	}
	return []byte(b.String())
}

func TestHowALogIsCutDoesNotMatter(t *testing.T) {
	logs := corpus(t)
	for i := range 60 {
		logs[fmt.Sprintf("soup %d", i)] = soup(rand.New(rand.NewPCG(uint64(i), 0)))
	}
	for name, log := range logs {
		want := parse(t, log, whole)
		random := rand.New(rand.NewPCG(1, 2))
		cuts := map[string]func() int{"single bytes": func() int { return 1 }}
		for _, most := range []int{3, 40, 700} {
			cuts[fmt.Sprintf("pieces of up to %d bytes", most)] = func() int { return 1 + random.IntN(most) }
		}
		for cut, next := range cuts {
			if diff := cmp.Diff(want, parse(t, log, next), cmp.AllowUnexported(parsed{})); diff != "" {
				t.Errorf("%s in %s (-whole +cut):\n%s", name, cut, diff)
			}
		}
	}
}

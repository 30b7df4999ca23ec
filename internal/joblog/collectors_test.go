package joblog

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// feed writes a log to a parser a line at a time and says how many lines the collectors needed.
func feed(log string, collectors ...Collector) (needed int) {
	p := NewParser(collectors...)
	for line := range strings.SplitAfterSeq(log, "\n") {
		if p.Done() {
			return needed
		}
		_, _ = p.Write([]byte(line))
		needed++
	}
	_ = p.Close()
	return needed
}

func numbered(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

const sectioned = "a Apple\nsection_start:1:s\r\x1b[0Kb\nsection_start:1:t\r\x1b[0Kc APPLE\nsection_end:1:t\r\x1b[0K\n" +
	"d\nsection_end:1:s\r\x1b[0K\ne \x1b[31map\x1b[0mple\nf ÄPFEL\n"

func TestLinesPage(t *testing.T) {
	const all = 1 << 20
	cases := []struct {
		name           string
		log            string
		page           Page
		want           []int
		previous, next bool
		needed         int // lines of the log; 0 for all of it
	}{
		{name: "the first", log: numbered(9), page: Page{Count: 2}, want: []int{1, 2}, next: true, needed: 3},
		{
			name: "the first after one", log: numbered(9), page: Page{Count: 2, After: 3},
			want: []int{4, 5}, previous: true, next: true, needed: 6,
		},
		{name: "the first of few", log: numbered(2), page: Page{Count: 2}, want: []int{1, 2}},
		{
			name: "the first between two", log: numbered(9), page: Page{Count: 5, After: 3, Before: 6},
			want: []int{4, 5}, previous: true, next: true, needed: 6,
		},
		{name: "none", log: numbered(9), page: Page{Count: 0}, next: true, needed: 1},
		{name: "none from the end", log: numbered(2), page: Page{Count: 0, FromEnd: true}, previous: true},
		{name: "the last", log: numbered(9), page: Page{Count: 2, FromEnd: true}, want: []int{8, 9}, previous: true},
		{
			name: "the last before one", log: numbered(9), page: Page{Count: 2, FromEnd: true, Before: 4},
			want: []int{2, 3}, previous: true, next: true, needed: 4,
		},
		{name: "the last of few", log: numbered(2), page: Page{Count: 3, FromEnd: true}, want: []int{1, 2}},
		{
			name: "the last between two", log: numbered(9), page: Page{Count: 9, FromEnd: true, After: 2, Before: 5},
			want: []int{3, 4}, previous: true, next: true, needed: 5,
		},
		{name: "after the end", log: numbered(2), page: Page{Count: 2, After: 7}, previous: true},
		{name: "an empty log", page: Page{Count: 2}},
		{name: "a search whatever the case", log: sectioned, page: Page{Count: 9, Search: "aPPle"}, want: []int{1, 3, 5}},
		{name: "a search in other alphabets", log: sectioned, page: Page{Count: 9, Search: "äpfel"}, want: []int{6}},
		{name: "a search from the end", log: sectioned, page: Page{Count: 1, Search: "apple", FromEnd: true}, want: []int{5}, previous: true},
		{name: "a search after the last match", log: sectioned, page: Page{Count: 9, Search: "apple", After: 5}, previous: true},
		{name: "a section with those in it", log: sectioned, page: Page{Count: 9, Section: "s"}, want: []int{2, 3, 4}},
		{name: "a section in another", log: sectioned, page: Page{Count: 9, Section: "t"}, want: []int{3}},
		{name: "a search in a section", log: sectioned, page: Page{Count: 9, Section: "s", Search: "apple"}, want: []int{3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.page.MaxBytes = all
			lines := NewLines(c.page)
			needed := feed(c.log, lines)
			var got []int
			for _, l := range lines.Value() {
				got = append(got, l.Number)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("numbers (-want +got):\n%s", diff)
			}
			if lines.HasPrevious() != c.previous || lines.HasNext() != c.next {
				t.Errorf("previous %v, next %v; want %v, %v", lines.HasPrevious(), lines.HasNext(), c.previous, c.next)
			}
			if c.needed != 0 && needed != c.needed {
				t.Errorf("took %d lines of the log, want %d", needed, c.needed)
			}
			if lines.Done() != (c.needed != 0) {
				t.Errorf("done is %v after %d lines", lines.Done(), needed)
			}
		})
	}
}

func TestAPageOverItsBytesIsShort(t *testing.T) {
	log := strings.Repeat("\x1b[31m"+strings.Repeat("x", 1000)+"\x1b[0m\n", 10)
	first := NewLines(Page{Count: 9, MaxBytes: 5000})
	last := NewLines(Page{Count: 9, MaxBytes: 5000, FromEnd: true})
	least := NewLines(Page{Count: 9, MaxBytes: 1})
	leastLast := NewLines(Page{Count: 9, MaxBytes: 1, FromEnd: true})
	feed(log, first, last, least, leastLast)
	for name, c := range map[string]struct {
		lines  *Lines
		count  int
		number int
	}{
		"first": {first, 2, 1}, "last": {last, 2, 9}, "at least one": {least, 1, 1}, "at least the last": {leastLast, 1, 10},
	} {
		got := c.lines.Value()
		if len(got) != c.count || got[0].Number != c.number {
			t.Errorf("%s: got %d lines from %d on", name, len(got), got[0].Number)
		}
		if !c.lines.HasNext() && !c.lines.HasPrevious() {
			t.Errorf("%s: no more is said to be there", name)
		}
	}
}

func TestTextIsTheBeginning(t *testing.T) {
	for _, c := range []struct {
		log  string
		max  int
		want string
		cut  bool
	}{
		{"", 9, "", false},
		{"a\nb\n", 9, "a\nb", false},
		{"a\nb\n", 3, "a\nb", false},
		{"a\nb\n", 2, "a\n", true},
		{"a\nb\n", 0, "", true},
		{"a\n\n", 9, "a\n", false},
		{"€€\n", 5, "€", true},
		{"\x1b[31mred\x1b[0m\n", 3, "red", false},
	} {
		text := NewText(c.max)
		feed(c.log, text)
		if text.Value() != c.want || text.Cut() != c.cut || text.Done() != c.cut {
			t.Errorf("%d bytes of %q: %q, cut %v", c.max, c.log, text.Value(), text.Cut())
		}
	}
}

func TestTailIsTheEnd(t *testing.T) {
	for _, c := range []struct {
		log        string
		lines, max int
		want       string
		cut        bool
	}{
		{"", 2, 9, "", false},
		{"a\nb\nc\n", 2, 9, "b\nc", false},
		{"a\nb\nc", 5, 9, "a\nb\nc", false},
		{"a\nb\nc\n", 2, 3, "b\nc", false},
		{"a\nb\nc\n", 3, 3, "b\nc", true},
		{"a\nb\nc\n", 2, 2, "\nc", true},
		{"abc\nd\n", 2, 3, "c\nd", true},
		{"€€\n", 2, 5, "€", true},
		{"long long line\na\nb\n", 2, 5, "a\nb", false},
		{"a\n\n\n", 2, 9, "\n", false},
		{"a\nb\n", 0, 9, "", false},
		{"a\nb\n", 1, 0, "", true},
	} {
		tail := NewTail(c.lines, c.max)
		feed(c.log, tail)
		if tail.Value() != c.want || tail.Cut() != c.cut {
			t.Errorf("%d lines, %d bytes of %q: %q, cut %v", c.lines, c.max, c.log, tail.Value(), tail.Cut())
		}
	}
}

func TestRawIsExactUpToItsLimit(t *testing.T) {
	const log = "a\xff\r\n\x1b[0m\x00"
	exact, over := NewRaw(len(log)), NewRaw(len(log)-1)
	feed(log, exact, over)
	if got, err := exact.Value(); err != nil || string(got) != log {
		t.Errorf("got %q, %v", got, err)
	}
	var limit *LimitError
	if _, err := over.Value(); !errors.As(err, &limit) || limit.Limit != LimitRaw || limit.Value != "8 bytes" {
		t.Errorf("got %v", err)
	}
	if !over.Done() {
		t.Error("goes on past its limit")
	}
}

func TestSectionsStopAtTheirLimit(t *testing.T) {
	log := strings.Repeat("section_start:1:a\r\x1b[0K\nsection_end:1:a\r\x1b[0K\n", 3)
	enough, few := NewSections(3), NewSections(2)
	feed(log, enough, few)
	if got, err := enough.Value(); err != nil || len(got) != 3 {
		t.Errorf("got %d sections, %v", len(got), err)
	}
	var limit *LimitError
	if _, err := few.Value(); !errors.As(err, &limit) || limit.Limit != LimitSections || limit.Value != "2" {
		t.Errorf("got %v", err)
	}
}

func TestSafeTextLosesOnlyWhatIsInvalid(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"a€\r\n", "a€\r\n"}, {"a\xff\xfe\xe2\x82b", "a\ufffd\ufffd\ufffd\ufffdb"}, {"\ufffd", "\ufffd"},
	} {
		if got := SafeText([]byte(c.in)); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestWholeCharactersLeavesOutACutOne(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int
	}{
		{"", 0}, {"a", 1}, {"a€", 4}, {"a\xe2\x82", 1}, {"a\xe2", 1}, {"\xf0\x9f\x98", 0}, {"😀", 4}, {"a\xff", 2}, {"\x82\x82\x82\x82", 4},
	} {
		if got := WholeCharacters([]byte(c.in)); got != c.want {
			t.Errorf("%q: got %d, want %d", c.in, got, c.want)
		}
	}
}

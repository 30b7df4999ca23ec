package glob_test

import (
	"regexp"
	"strings"
	"testing"

	"jobgraph/internal/glob"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"?", "", false},
		{"**", "ab", true}, {"*?", "", false}, {"*?", "a", true},
		{"rspec*", "rspec 1/2", true}, {"rspec*", "jrspec", false}, {"r?pec", "rspec", true}, {"*/2", "rspec 1/2", true}, {"*a*b*", "xxaxxbxx", true},
		{"*ab", "aab", true}, {"*aab", "aaab", true}, {"a*b", "abab", true}, {"a*b", "abac", false}, {"a*", "a\nc", true}, {"*", "a\nc", true},
		{"rspec [1]", "rspec [1]", true}, {"rspec [1]", "rspec 1", false}, {"a.c", "abc", false}, {"A*", "abc", false}, {"(", "(", true}, {`\*`, `\x`, true},
		{"?", "ü", true}, {"??", "ü", false}, {"*ü", "grün ü", true}, {"日*語", "日本語", true}, {"\xff", "\xff", true}, {"?", "\xff", true},
		{strings.Repeat("a", 255), strings.Repeat("a", 255), true}, {strings.Repeat("a", 255), strings.Repeat("a", 254), false},
		{strings.Repeat("?", 255), strings.Repeat("a", 255), true}, {strings.Repeat("?", 255), strings.Repeat("a", 256), false},
		{"*" + strings.Repeat("a", 254), strings.Repeat("a", 1000), true}, {strings.Repeat("*", 255), "a", true},
	} {
		p, err := glob.Compile(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(test.name); got != test.want {
			t.Errorf("%q matches %q: %t", test.pattern, test.name, got)
		}
	}
}

func TestAPatternHasALongestLength(t *testing.T) {
	if _, err := glob.Compile(strings.Repeat("a", 256)); err == nil || err.Error() != "must be 255 bytes at most" {
		t.Errorf("got %v", err)
	}
}

func TestAHostilePatternCostsNoMoreThanTheNameIsLong(t *testing.T) {
	p, err := glob.Compile(strings.Repeat("*a", 126) + "*b")
	if err != nil {
		t.Fatal(err)
	}
	if p.Match(strings.Repeat("a", 4<<20)) {
		t.Error("matched")
	}
}

func FuzzMatchAgreesWithARegularExpression(f *testing.F) {
	f.Add("*/2", "rspec 1/2")
	f.Add("a?*b", "aüb")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		p, err := glob.Compile(pattern)
		if err != nil {
			t.Skip()
		}
		valid := strings.ToValidUTF8(name, "\ufffd")
		quoted := regexp.QuoteMeta(strings.ToValidUTF8(pattern, "\ufffd"))
		same := regexp.MustCompile(`(?s)\A` + strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(quoted) + `\z`)
		if valid == name && strings.ToValidUTF8(pattern, "\ufffd") == pattern && p.Match(name) != same.MatchString(name) {
			t.Errorf("%q matches %q: %t", pattern, name, p.Match(name))
		}
	})
}

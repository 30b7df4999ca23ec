package graph

import "testing"

func TestNamePatterns(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"rspec*", "rspec 1/2", true}, {"rspec*", "jrspec", false}, {"*", "", true}, {"?", "", false}, {"r?pec", "rspec", true}, {"*/2", "rspec 1/2", true},
		{"rspec [1]", "rspec [1]", true}, {"rspec [1]", "rspec 1", false}, {"a.c", "abc", false}, {"A*", "abc", false}, {"a*c", "a\nc", true}, {"(", "(", true}, {`\*`, `\x`, true},
	} {
		if got := glob(test.pattern).MatchString(test.name); got != test.want {
			t.Errorf("%q matches %q: %t", test.pattern, test.name, got)
		}
	}
}

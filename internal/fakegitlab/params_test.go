package fakegitlab

import (
	"net/url"
	"testing"
)

func TestQueriesAreReadAsRackDoes(t *testing.T) {
	for query, want := range map[string]string{
		"a=1&b=2":                        "a=1&b=2",
		"a=1&a=2":                        "a=2",
		"a[]=1&a[]=2":                    "a[]=1&a[]=2",
		"a%5B%5D=x%26y":                  "a[]=x&y",
		"a[x]=1&a[y]=2":                  "a[x]=1&a[y]=2",
		"a[x][y]=1":                      "a[x][y]=1",
		"a[][k]=1&a[][v]=2&a[][k]=3":     "a[][k]=1&a[][v]=2&a[][k]=3",
		"a":                              "a=",
		"&&a=1&":                         "a=1",
		"[a]=1":                          "[a]=1",
		"a=1&a[]=2":                      "refused",
		"a[]=1&a[x]=2":                   "refused",
		"a=%zz":                          "refused",
		"a" + nested(maxNesting+1) + "=": "refused",
	} {
		p, err := parseQuery(query)
		got := "refused"
		if err == nil {
			got, _ = url.QueryUnescape(p.query())
		}
		if got != want {
			t.Errorf("%s = %s, want %s", query, got, want)
		}
	}
}

func nested(depth int) string {
	s := ""
	for range depth {
		s += "[x]"
	}
	return s
}

// FuzzQuery checks that no query makes the parser panic, and that the parsed parameters are written
// as a valid query.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"scope[]=failed&page=2", "a[][b]=1&a[][c]=2", "a[b][c]=%20", "[=]", "a]b[=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p, err := parseQuery(query)
		if err != nil {
			return
		}
		if _, err := url.ParseQuery(p.query()); err != nil {
			t.Errorf("%q became %q: %v", query, p.query(), err)
		}
	})
}

package limits_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/graph/limits"
)

// An answer within the limit is never refused, so no value may be counted as longer than it is
// written.
func TestAValueIsCountedAsNoLongerThanItIsWritten(t *testing.T) {
	for _, s := range []string{"", "a", "é ✓ \u2028", "\"\\\t\r\n", "\x00\x1f\x7f", "\xff\xfe broken", strings.Repeat("x\n", 1000)} {
		var written bytes.Buffer
		graphql.MarshalString(s).MarshalGQL(&written)
		for name, got := range map[string]int64{
			"string":  limits.ValueLength(s),
			"pointer": limits.ValueLength(&s),
			"list":    limits.ValueLength([]string{s}) - 2,
		} {
			if int(got) > written.Len() || int(got) < written.Len()-2 {
				t.Errorf("%s %q is counted as %d, written as %d", name, s, got, written.Len())
			}
		}
	}
	n := json.Number("12.5")
	for _, value := range []any{
		nil, true, 1, int64(7), n, &n, (*string)(nil), (*json.Number)(nil), struct{}{}, []int{1, 2},
	} {
		if got := limits.ValueLength(value); got > 4 {
			t.Errorf("%#v is counted as %d", value, got)
		}
	}
}

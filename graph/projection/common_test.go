package projection_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Runners that were created by the same user are written as a whole, wherever in GitLab's answer
// the user stands: what is remembered of a runner and of its user never mixes.
func TestObjectsInsideCommonObjectsAreWrittenOnce(t *testing.T) {
	const query = `{ project(id: "1") { jobs { nodes { name runner { description createdBy { username name } } } } } }`
	p := newPair()
	for length := range 300 {
		var jobs []string
		for i, description := range []string{strings.Repeat("x", length), "another", strings.Repeat("x", length), "another"} {
			jobs = append(jobs, fmt.Sprintf(`{"id":%d,"name":"job","pipeline":{"id":3,"project_id":1},"runner":{"id":%d,"description":%q,`+
				`"created_by":{"id":1,"username":"root","name":"An administrator of this instance"}}}`, 9-i, 1+i%2, description))
		}
		body := parrot("[" + strings.Join(jobs, ",") + "]")
		want, _ := p.reference.execute(body, query, nil)
		got, _ := p.projected.execute(body, query, nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%d (-executor +plan):\n%s", length, diff)
		}
	}
	if n := p.schema.Counts().Projected; n != 300 {
		t.Errorf("%d of 300 are projected", n)
	}
}

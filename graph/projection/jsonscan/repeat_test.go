package jsonscan

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"jobgraph/restclient"
)

// commits are a few objects. Some begin with the same bytes, one is short, one is no object.
var commits = []string{
	`{"id":"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd","short_id":"0ff3ae19","title":"a","message":"m"}`,
	`{"id":"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd","short_id":"0ff3ae19","title":"a","message":"n"}`,
	`{"id":"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd","short_id":"0ff3ae19","title":"a"}`,
	`{"id":"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd", "short_id":"0ff3ae19","title":"b \u0041","trailers":{"a":[1]}}`,
	`{"id":"8f8601a2"}`, `{}`, `null`,
}

func repeatingRow(r *rand.Rand, id int) string {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	artifact := func() string {
		return pick([]string{`{"file_type":"trace","size":1,"filename":"job.log","file_format":"raw"}`, `{"file_type":"trace"}`})
	}
	return fmt.Sprintf(`{"id":%d,"name":"n%d","user":{"id":%d,"username":"somebody","name":"Some Body","state":"active"},"commit":%s,`+
		`"artifacts":[%s, %s],"pipeline":{"id":3,"user":%s,"sha":"c0ffee"}}`,
		id, id, r.IntN(3), pick(commits), artifact(), artifact(), pick([]string{`{"id":7,"username":"somebody","name":"Some Body"}`, "null"}))
}

// A list yields the same values as each of its rows on its own, also if rows share objects.
func TestObjectsInCommonAreReadLikeAnyOther(t *testing.T) {
	l := NewLayout(NewTypes().Of(reflect.TypeFor[restclient.Job]()))
	commit, common := l.Object(l.Root, "commit")
	for _, key := range []string{"id", "title", "message", "trailers"} {
		l.Slot(commit, key)
	}
	pipeline, _ := l.Object(l.Root, "pipeline")
	user, _ := l.Object(pipeline, "user")
	l.Slot(user, "username")
	l.Slot(pipeline, "sha")
	l.Slot(l.Root, "name")
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var texts []string
		for id := range r.IntN(40) {
			texts = append(texts, repeatingRow(r, id+1))
		}
		var rows []*Row
		err := ScanList([]byte("["+strings.Join(texts, ",")+"]"), l, func(int) *Row {
			rows = append(rows, &Row{})
			return rows[len(rows)-1]
		})
		if err != nil || len(rows) != len(texts) {
			t.Fatalf("seed %d: %d rows, %v", seed, len(rows), err)
		}
		check := func(objects bool) {
			t.Helper()
			for n, row := range rows {
				var alone Row
				if err := ScanObject([]byte(texts[n]), l, &alone); err != nil {
					t.Fatal(err)
				}
				for i, want := range alone.Spans {
					got := row.Spans[i]
					same := string(row.Bytes(got)) == string(alone.Bytes(want))
					if got.Kind != want.Kind || !same && (objects || want.Kind != Object) {
						t.Fatalf("seed %d: slot %d of row %d is %q, want %q", seed, i, n, row.Bytes(got), alone.Bytes(want))
					}
				}
			}
		}
		check(true)
		Compact(rows)
		check(false)
		for n, row := range rows { // equal spans are equal objects
			for other := range n {
				if row.Spans[common].Kind == Object && row.Spans[common] == rows[other].Spans[common] &&
					commitOf(texts[n]) != commitOf(texts[other]) {
					t.Fatalf("seed %d: rows %d and %d have different commits in common", seed, n, other)
				}
			}
		}
	}
}

func commitOf(row string) string {
	_, after, _ := strings.Cut(row, `"commit":`)
	commit, _, _ := strings.Cut(after, `,"artifacts"`)
	return commit
}

// Neighbours that have an object in common share its span, and so its bytes once it is compacted.
func TestNeighboursShareWhatTheyHaveInCommon(t *testing.T) {
	l := NewLayout(NewTypes().Of(reflect.TypeFor[restclient.Job]()))
	commit, common := l.Object(l.Root, "commit")
	l.Slot(commit, "message")
	row := `{"id":%d,"commit":{"id":"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd","message":"` + strings.Repeat("m", 1000) + `"}}`
	body := fmt.Appendf(nil, "["+row+","+row+","+row+"]", 1, 2, 3)
	var rows []*Row
	if err := ScanList(body, l, func(int) *Row { rows = append(rows, &Row{}); return rows[len(rows)-1] }); err != nil {
		t.Fatal(err)
	}
	Compact(rows)
	if rows[0].Spans[common] != rows[2].Spans[common] || len(rows[0].Body) > 1100 {
		t.Errorf("%v and %v in %d bytes", rows[0].Spans[common], rows[2].Spans[common], len(rows[0].Body))
	}
}

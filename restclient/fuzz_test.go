package restclient

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func FuzzWhatIsDecodedIsWholeOrInvalid(f *testing.F) {
	samples, err := filepath.Glob("testdata/samples/*.json")
	if err != nil || len(samples) == 0 {
		f.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, name := range samples {
		sample, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sample)
	}
	for _, seed := range []string{"", "null", "[null]", "{}", "[]", `[{"id":0}]`, `[{"id":1,"pipeline":null,"runner":null,"artifacts":null}]`, `{"id":1e99}`, `{"id":"1"}`, `{"id":1,"downstream_pipeline":null}`, "[[[[", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		response := &Response{Status: 200, Body: body}
		jobs, err := Decode[[]Job](response)
		checkDecoded(t, err)
		for i := range jobs {
			if jobs[i].ID <= 0 {
				t.Errorf("a job without a number in %q", body)
			}
		}
		if job, err := Decode[Job](response); checkDecoded(t, err) && job.ID <= 0 {
			t.Errorf("a job without a number: %q", body)
		}
		if p, err := DecodeProcessable(response); checkDecoded(t, err) && (p.Job == nil) == (p.Bridge == nil) {
			t.Errorf("%q is both or neither: %v", body, p)
		}
		_, err = Decode[[]Bridge](response)
		checkDecoded(t, err)
		_, err = Decode[Pipeline](response)
		checkDecoded(t, err)
		_, err = Decode[AllowedAgents](response)
		checkDecoded(t, err)
	})
}

// checkDecoded requires an error to be an *InvalidError, and reports whether there is none.
func checkDecoded(t *testing.T, err error) bool {
	t.Helper()
	if _, ok := errors.AsType[*InvalidError](err); err != nil && !ok {
		t.Errorf("%T: %[1]v", err)
	}
	return err == nil
}

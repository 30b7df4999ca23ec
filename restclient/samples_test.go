package restclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEverySampleDecodesWithNothingLost reads the answers of GitLab's documentation page, and
// answers with every key that newer releases send, and finds each of their values again in the
// decoded one, and nothing else.
func TestEverySampleDecodesWithNothingLost(t *testing.T) {
	cases := map[string]func(*testing.T, []byte){
		"samples/project_jobs.json":     keeps[[]Job],
		"samples/pipeline_jobs.json":    keeps[[]Job],
		"samples/pipeline_bridges.json": keeps[[]Bridge],
		"samples/current_job.json":      keeps[Job],
		"samples/allowed_agents.json":   keeps[AllowedAgents],
		"samples/single_job.json":       keeps[Job],
		"samples/cancel.json":           keeps[Job],
		"samples/retry.json":            keeps[Job],
		"samples/erase.json":            keeps[Job],
		"samples/play.json":             keeps[Job],
		"newest/job.json":               keeps[Job],
		"newest/bridge.json":            keeps[Bridge],
		"newest/pipeline.json":          keeps[Pipeline],
		"newest/project.json":           keeps[Project],
		"newest/allowed_agents.json":    keeps[AllowedAgents],
	}
	for name, keep := range cases {
		t.Run(name, func(t *testing.T) { keep(t, sample(t, name)) })
	}
}

func TestTheNewestSamplesHaveEveryFieldOfTheirTypes(t *testing.T) {
	job, err := Decode[Job](&Response{Body: sample(t, "newest/job.json")})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{
		job, *job.User, *job.Commit, *job.Runner, *job.RunnerManager, *job.Project, *job.ArtifactsFile, job.Artifacts[0],
	} {
		value := reflect.ValueOf(v)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%s.%s is not in the sample", value.Type().Name(), value.Type().Field(i).Name)
			}
		}
	}
}

func TestPlaySendsTheSampleRequest(t *testing.T) {
	post := Play("1", 1, []Variable{{"TEST_VAR_1", "test1"}, {"TEST_VAR_2", "test2"}}, nil)
	var want bytes.Buffer
	if err := json.Compact(&want, sample(t, "samples/play_request.json")); err != nil {
		t.Fatal(err)
	}
	if string(post.Body()) != want.String() {
		t.Errorf("sent %s, want %s", post.Body(), want.String())
	}
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func keeps[T any](t *testing.T, body []byte) {
	v, err := Decode[T](&Response{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var want any
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	for _, difference := range compare("$", want, reflect.ValueOf(v)) {
		t.Error(difference)
	}
}

// compare lists where a decoded value differs from the JSON that it was decoded from.
func compare(path string, want any, got reflect.Value) []string {
	if raw, ok := got.Interface().(json.RawMessage); ok {
		return compareText(path, compact(want), compact(raw))
	}
	if want == nil {
		if !got.IsZero() {
			return []string{fmt.Sprintf("%s: null became %v", path, got)}
		}
		return nil
	}
	if got.Kind() == reflect.Pointer {
		if got.IsNil() {
			return []string{path + ": lost"}
		}
		got = got.Elem()
	}
	switch want := want.(type) {
	case map[string]any:
		return compareObject(path, want, got)
	case []any:
		if got.Kind() != reflect.Slice || got.IsNil() || got.Len() != len(want) {
			return []string{fmt.Sprintf("%s: the list became %v", path, got)}
		}
		var differences []string
		for i := range want {
			differences = append(differences, compare(fmt.Sprintf("%s[%d]", path, i), want[i], got.Index(i))...)
		}
		return differences
	default:
		return compareText(path, fmt.Sprint(want), fmt.Sprint(got.Interface()))
	}
}

func compareObject(path string, want map[string]any, got reflect.Value) []string {
	if got.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("%s: the object became %v", path, got)}
	}
	var differences []string
	seen := 0
	for i := range got.NumField() {
		key, _, _ := strings.Cut(got.Type().Field(i).Tag.Get("json"), ",")
		value, sent := want[key]
		if !sent {
			if !got.Field(i).IsZero() {
				differences = append(differences, fmt.Sprintf("%s.%s: invented %v", path, key, got.Field(i)))
			}
			continue
		}
		seen++
		differences = append(differences, compare(path+"."+key, value, got.Field(i))...)
	}
	if seen != len(want) {
		differences = append(differences, fmt.Sprintf("%s: %d of %d keys have no field", path, len(want)-seen, len(want)))
	}
	return differences
}

func compareText(path, want, got string) []string {
	if want == got {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s became %s", path, want, got)}
}

// compact is v as JSON with its keys sorted, for comparing.
func compact(v any) string {
	if raw, ok := v.(json.RawMessage); ok {
		var decoded any
		if json.Unmarshal(raw, &decoded) != nil {
			return string(raw)
		}
		v = decoded
	}
	text, _ := json.Marshal(v)
	return string(text)
}

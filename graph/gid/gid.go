// Package gid writes and reads global IDs: readable, stable URIs that a webhook receiver can build
// from GitLab's numbers.
//
//	gid://gitlab/Project/1
//	gid://gitlab/Project/1/Job/7
//	gid://gitlab/Project/1/Pipeline/6
//	gid://gitlab/Project/1/Pipeline/6/Bridge/9
//	gid://gitlab/Runner/32, gid://gitlab/RunnerManager/1, gid://gitlab/User/1
//
// A project may be written as its URL-encoded full path, as in
// gid://gitlab/Project/group%2Fapp/Job/7; IDs that this package builds have its number.
package gid

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Prefix begins every global ID.
const Prefix = "gid://gitlab/"

// Kind is the kind of object that a global ID names.
type Kind string

// The kinds, as written in the URI.
const (
	KindProject       Kind = "Project"
	KindJob           Kind = "Job"
	KindPipeline      Kind = "Pipeline"
	KindBridge        Kind = "Bridge"
	KindRunner        Kind = "Runner"
	KindRunnerManager Kind = "RunnerManager"
	KindUser          Kind = "User"
)

// ID is a parsed global ID. Parts that its kind does not have are 0.
type ID struct {
	Kind     Kind
	Project  int64
	Path     string // the project's full path, if the ID has it instead of the number; Project is then 0
	Pipeline int64
	Number   int64 // GitLab's number of the object itself
}

// Project returns the global ID of a project.
func Project(project int64) string { return build(KindProject, project) }

// Job returns the global ID of a job.
func Job(project, job int64) string {
	return string(appendPart(appendPart([]byte(Prefix), KindProject, project, '/'), KindJob, job, 0))
}

// Pipeline returns the global ID of a pipeline.
func Pipeline(project, pipeline int64) string {
	return string(appendPart(appendPart([]byte(Prefix), KindProject, project, '/'), KindPipeline, pipeline, 0))
}

// Bridge returns the global ID of a trigger job. It carries the pipeline, because the REST API
// finds a bridge only there.
func Bridge(project, pipeline, bridge int64) string {
	b := appendPart(appendPart([]byte(Prefix), KindProject, project, '/'), KindPipeline, pipeline, '/')
	return string(appendPart(b, KindBridge, bridge, 0))
}

// Runner returns the global ID of a runner.
func Runner(runner int64) string { return build(KindRunner, runner) }

// RunnerManager returns the global ID of a runner manager.
func RunnerManager(manager int64) string { return build(KindRunnerManager, manager) }

// User returns the global ID of a user.
func User(user int64) string { return build(KindUser, user) }

func build(k Kind, n int64) string { return string(appendPart([]byte(Prefix), k, n, 0)) }

func appendPart(b []byte, k Kind, n int64, end byte) []byte {
	b = append(append(b, k...), '/')
	b = strconv.AppendInt(b, n, 10)
	if end != 0 {
		b = append(b, end)
	}
	return b
}

// shapes lists, for each number of parts, which kinds may follow each other.
var shapes = map[string]Kind{
	"Project": KindProject, "Project/Job": KindJob, "Project/Pipeline": KindPipeline, "Project/Pipeline/Bridge": KindBridge,
	"Runner": KindRunner, "RunnerManager": KindRunnerManager, "User": KindUser,
}

// Parse parses a global ID. It accepts exactly the IDs that this package builds; the error names
// what is wrong with others.
func Parse(s string) (ID, error) {
	rest, ok := strings.CutPrefix(s, Prefix)
	if !ok {
		return ID{}, fmt.Errorf("a global ID begins with %s", Prefix)
	}
	parts := strings.Split(rest, "/")
	if len(parts)%2 != 0 || len(parts) > 6 {
		return ID{}, fmt.Errorf("not a global ID: it takes a number after each word, as in %sProject/1/Job/7", Prefix)
	}
	var words []string
	var numbers []int64
	var projectPath string
	for i := 0; i < len(parts); i += 2 {
		n, err := Number(parts[i+1])
		if i == 0 && parts[0] == string(KindProject) && err != nil {
			projectPath, err = fullPath(parts[1])
		}
		if err != nil {
			return ID{}, err
		}
		words, numbers = append(words, parts[i]), append(numbers, n)
	}
	kind, ok := shapes[strings.Join(words, "/")]
	if !ok {
		return ID{}, fmt.Errorf("not a global ID of anything here: %.60q", strings.Join(words, "/"))
	}
	id := ID{Kind: kind, Number: numbers[len(numbers)-1], Path: projectPath}
	switch kind {
	case KindProject:
		id.Project = id.Number
	case KindJob:
		id.Project = numbers[0]
	case KindPipeline:
		id.Project, id.Pipeline = numbers[0], id.Number
	case KindBridge:
		id.Project, id.Pipeline = numbers[0], numbers[1]
	}
	return id, nil
}

// fullPath reads a project's URL-encoded full path, which has a slash.
func fullPath(s string) (string, error) {
	path, err := url.PathUnescape(s)
	wrong := func(segment string) bool { return segment == "" || segment == "." || segment == ".." }
	if err != nil || !strings.Contains(path, "/") || slices.ContainsFunc(strings.Split(path, "/"), wrong) {
		return "", fmt.Errorf("not a project's number or URL-encoded full path: %.40q", s)
	}
	return path, nil
}

// Number reads one of GitLab's numbers: decimal digits only, positive, without leading zeros,
// within 63 bits.
func Number(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || s != strconv.FormatInt(n, 10) {
		return 0, fmt.Errorf("not a number of GitLab's: %.40q", s)
	}
	return n, nil
}

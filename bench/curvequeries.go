package main

import (
	"fmt"
	"slices"
	"strings"
)

// jobFields is what the curves ask of each job of a list: what the list workload asks, but for what
// a project's jobs have in common.
const jobFields = `databaseId name stage status ref tag coverage archived allowFailure
createdAt startedAt finishedAt erasedAt duration queuedDuration
failureReason webUrl artifactsExpireAt tags
runner { databaseId description ipAddress active paused isShared runnerType name online status }
commit { sha shortSha title message authorName authorEmail createdAt }
user { databaseId name username state avatarUrl webUrl createdAt }`

// plain is the plain workload of a kind.
func plain(name string) workload {
	list := workloads()
	return list[slices.IndexFunc(list, func(w workload) bool { return w.Name == name })]
}

func document(format string, args ...any) trial {
	return trial{workload: workload{Document: fmt.Sprintf(format, args...)}}
}

// rows asks for a page of n jobs.
func rows(n int) trial {
	return document(`{ project(id: "%d") { jobs(first: %d) { nodes { %s } } } }`, listProject, n, jobFields)
}

// longRows asks for a connection of n jobs, which takes a REST call for each 100.
func longRows(n int) trial {
	return document(`{ project(id: "%d") { jobs(first: %d) { nodes { %s } } } }`, longProject, n, jobFields)
}

// aliases asks for n jobs, each by itself.
func aliases(n int) trial {
	return document("{%s}", repeat(n, func(i int) string {
		return fmt.Sprintf("j%d: job(project: \"%d\", id: \"%d\") { databaseId name status webUrl }\n", i, longProject, firstJob(longProject)+int64(i))
	}))
}

// sameAliases asks for one job under n names.
func sameAliases(n int) trial {
	return document("{%s}", repeat(n, func(i int) string {
		return fmt.Sprintf("j%d: job(project: \"%d\", id: \"%d\") { databaseId name status webUrl }\n", i, longProject, firstJob(longProject))
	}))
}

// downstream asks for a pipeline's jobs and for the pipelines that it started, n levels deep: with
// each level twice as many pipelines.
func downstream(n int) trial {
	level := "databaseId status jobs(first: 20) { nodes { databaseId name status } }"
	inner := level
	for range n - 1 {
		inner = level + " downstream { " + inner + " }"
	}
	return document(`{ pipeline(project: "%d", id: "%d") { %s } }`, treeProject, firstPipeline(treeProject), inner)
}

// siblings asks for the jobs of a job's pipeline, and for the jobs of those jobs' pipeline, n
// levels deep: with each level four times as many jobs, all brought by the same REST call.
func siblings(n int) trial {
	inner := "databaseId name status"
	for range n {
		inner = "databaseId name status pipeline { jobs(first: 4) { nodes { " + inner + " } } }"
	}
	return document(`{ job(project: "%d", id: "%d") { %s } }`, treeProject, firstJob(treeProject), inner)
}

// answers asks for 500 jobs of each of n projects.
func answers(n int) trial {
	return document("{%s}", repeat(n, func(i int) string {
		return fmt.Sprintf("p%d: project(id: \"%d\") { jobs(first: %d) { nodes { %s } } }\n", i, manyProjects+i, manyJobs, jobFields)
	}))
}

// ofLogs is a series of a field, with its selection, of each log; bounded where it reads all that
// it asks GitLab for.
func ofLogs(field, selection string, bounded bool) series {
	s := series{name: field, bounded: bounded}
	for i, size := range logSizes {
		t := document(`{ job(project: "%d", id: "%d") { log { %s %s } } }`, logProject, firstJob(logProject)+int64(i), field, selection)
		s.points = append(s.points, point{x: float64(size), trial: t})
	}
	return s
}

func repeat(n int, part func(i int) string) string {
	var all strings.Builder
	for i := range n {
		all.WriteString(part(i))
	}
	return all.String()
}

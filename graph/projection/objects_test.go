package projection_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// pairs are the keys and values of a JSON object.
type pairs []string

func (p *pairs) add(key, value string) { *p = append(*p, key, value) }

// object writes an object; now and then one that GitLab would not send.
func (u *upstream) object(r *rand.Rand, p pairs) string {
	if r.Float64() < u.odd/4 {
		p.add("extra", `{"a":[1,{"b":null}],"c":"\u00e9"}`)
	}
	n := len(p) / 2
	order := r.Perm(n)
	if u.odd == 0 {
		for i := range order {
			order[i] = i
		}
	}
	var b strings.Builder
	b.WriteByte('{')
	first := true
	for _, i := range order {
		key, value := p[2*i], p[2*i+1]
		switch x := r.Float64(); {
		case x < u.odd/100:
			value = odds[r.IntN(len(odds))]
		case x < u.odd/50:
			value = "null"
		case x < u.odd/35:
			continue // left out
		case x < u.odd/33:
			key = strings.ToUpper(key)
		case x < u.odd/32:
			value = value + `,"` + key + `":` + value
		case x < u.odd/31:
			key = `\u00` + strconv.FormatInt(int64(key[0]), 16) + key[1:]
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.WriteString(`"` + key + `":`)
		if r.Float64() < u.odd/30 {
			b.WriteString(" \n\t")
		}
		b.WriteString(value)
	}
	b.WriteByte('}')
	return b.String()
}

// odds are values of all kinds, most of them wrong wherever they stand.
var odds = []string{
	`"a string"`, `""`, `0`, `-1`, `1.5`, `1e3`, `-0`, `9223372036854775807`, `9223372036854775808`, `999999999999999999`, `1E400`, `true`, `false`, `[]`, `{}`,
	`[null]`, `[1]`, `["x"]`, `[{}]`, `{"id":1}`, `"\ud83d\ude00"`, `"\ud800"`, "\"\xff\"", `"\u0000"`, `01`, `tru`, `"`, `"12"`, `"\x"`, "\"\t\"",
}

var awkward = []string{
	"rspec unit 3/8", "build", "déploiement", "日本語のジョブ", "a\\u003cb\\u003e\\u0026c", `quote \" and \\ slash \/`, `tab\tnewline\nreturn\r`, `\u0007bell`, "\u2028 line separator", `\ud83d\ude00 and 😀`,
	"", "deep \U0010ffff", "\u007f", "e\u0301",
}

func text(r *rand.Rand) string { return `"` + awkward[r.IntN(len(awkward))] + `"` }

func maybe(r *rand.Rand, value string) string {
	if r.IntN(3) == 0 {
		return "null"
	}
	return value
}

var statuses = []string{"created", "waiting_for_resource", "preparing", "waiting_for_callback", "pending", "running", "success", "failed", "canceling", "canceled", "skipped", "manual", "scheduled", "brand_new"}

func (u *upstream) status(id int64) string {
	return statuses[u.random(fmt.Sprint("status", id)).IntN(len(statuses))]
}

var numbers = []string{"0", "0.010", "97.0", "240", "12.5", "1e2", "123456789.123456789", "0.1e-7", "1E5"}

var coverages = []string{`"98.29"`, `30.0`, `"0"`, `"1e2"`}

// nonEmpty returns a text that GitLab never sends empty.
func nonEmpty(text string) string {
	if text == `""` {
		return `"main"`
	}
	return text
}

func (u *upstream) processable(r *rand.Rand, project, pipeline, id int64) pairs {
	var p pairs
	p.add("id", strconv.FormatInt(id, 10))
	p.add("status", `"`+u.status(id)+`"`)
	p.add("stage", text(r))
	p.add("name", nonEmpty(text(r)))
	p.add("ref", nonEmpty(text(r)))
	p.add("tag", strconv.FormatBool(r.IntN(2) == 0))
	p.add("coverage", maybe(r, numbers[r.IntN(len(numbers))]))
	p.add("allow_failure", strconv.FormatBool(r.IntN(2) == 0))
	p.add("created_at", `"2024-05-01T10:12:02.507Z"`)
	p.add("started_at", maybe(r, `"2024-05-01T10:12:41.850Z"`))
	p.add("finished_at", maybe(r, `"2024-05-01T10:13:02.500Z"`))
	p.add("erased_at", "null")
	p.add("duration", maybe(r, numbers[r.IntN(len(numbers))]))
	p.add("queued_duration", maybe(r, numbers[r.IntN(len(numbers))]))
	p.add("user", maybe(r, u.user(r)))
	p.add("commit", maybe(r, u.commit(r)))
	p.add("pipeline", u.pipeline(r, project, pipeline, r.IntN(3) > 0))
	if u.status(id) == "failed" {
		p.add("failure_reason", []string{`"script_failure"`, `"pipeline_loop_detected"`, `"api_failure"`}[r.IntN(3)])
	}
	p.add("web_url", fmt.Sprintf(`"https://gl/group/p%d/-/jobs/%d"`, project, id))
	p.add("project", maybe(r, `{"ci_job_token_scope_enabled":true}`))
	return p
}

func (u *upstream) job(project, id int64) string {
	r := u.random(fmt.Sprint("job", id))
	p := u.processable(r, project, project*pipelinesPerProject+1+(id-project*firstJobOfProject)%pipelinesOfProject, id)
	p.add("artifacts_file", maybe(r, `{"filename":"artifacts.zip","size":1000}`))
	var artifacts []string
	for i := range r.IntN(4) {
		artifacts = append(artifacts, u.object(r, pairs{"file_type", `"` + []string{"archive", "trace", "junit", "trace"}[i] + `"`, "size", maybe(r, "1500"),
			"filename", text(r), "file_format", maybe(r, `"zip"`)}))
	}
	p.add("artifacts", "["+strings.Join(artifacts, ", ")+"]")
	p.add("runner", maybe(r, u.runner(r)))
	p.add("runner_manager", maybe(r, u.object(r, pairs{"id", "1", "system_id", text(r), "version", maybe(r, `"16.11.1"`), "revision", "null", "platform", `"linux"`, "status", `"offline"`, "contacted_at", `"2024-05-07T06:30:09.355Z"`})))
	p.add("artifacts_expire_at", maybe(r, `"2026-01-23T17:54:27.895Z"`))
	p.add("archived", strconv.FormatBool(r.IntN(9) == 0))
	p.add("tag_list", []string{`["docker runner", "ubuntu18"]`, "[]", `["\u003c",` + text(r) + `]`}[r.IntN(3)])
	return u.object(r, p)
}

func (u *upstream) bridge(project, pipeline, id int64) item {
	r := u.random(fmt.Sprint("bridge", id))
	p := u.processable(r, project, pipeline, id)
	other := 1 + (project+id)%projects
	p.add("downstream_pipeline", maybe(r, u.pipeline(r, other, other*pipelinesPerProject+1+id%pipelinesOfProject, r.IntN(3) > 0)))
	return item{id: id, status: u.status(id), body: u.object(r, p)}
}

func (u *upstream) pipeline(r *rand.Rand, project, id int64, whole bool) string {
	p := pairs{"id", strconv.FormatInt(id, 10), "project_id", strconv.FormatInt(project, 10), "ref", maybe(r, text(r)), "sha", `"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd"`,
		"status", `"` + u.status(id) + `"`}
	if whole {
		p.add("coverage", maybe(r, coverages[r.IntN(len(coverages))]))
		p.add("archived", maybe(r, "false"))
		p = append(p, "iid", "12", "source", `"push"`, "created_at", `"2015-12-24T15:50:16.123Z"`, "updated_at", `"2015-12-24T18:00:44.432Z"`, "web_url", `"https://gl/-/pipelines/1"`)
	}
	return u.object(r, p)
}

func (u *upstream) project(id int64) string {
	r := u.random(fmt.Sprint("project", id))
	return u.object(r, pairs{
		"id", strconv.FormatInt(id, 10), "name", text(r), "path_with_namespace", maybe(r, fmt.Sprintf(`"group/p%d"`, id)), "created_at", `"2015-12-24T15:50:16.123Z"`,
		"web_url", maybe(r, fmt.Sprintf(`"https://gl/group/p%d"`, id)), "ci_job_token_scope_enabled", maybe(r, "false"),
	})
}

// common returns what one of a few objects of a kind is drawn from, so that jobs have them in
// common as GitLab's do.
func (u *upstream) common(r *rand.Rand, kind string) *rand.Rand {
	return u.random(fmt.Sprint(kind, r.IntN(6)))
}

func (u *upstream) runner(r *rand.Rand) string {
	r = u.common(r, "runner")
	return u.object(r, pairs{
		"id", "32", "description", maybe(r, text(r)), "ip_address", "null", "active", "true", "paused", "false", "is_shared", "true", "runner_type", `"instance_type"`, "name", maybe(r, text(r)),
		"online", maybe(r, "true"), "status", `"online"`, "created_by", maybe(r, u.user(r)), "created_at", `"2024-05-01T10:12:02.507Z"`, "job_execution_status", maybe(r, `"idle"`),
	})
}

func (u *upstream) user(r *rand.Rand) string {
	r = u.common(r, "user")
	return u.object(r, pairs{"id", "1", "username", `"root"`, "name", text(r), "state", `"active"`, "avatar_url", maybe(r, `"http://a/?s=80\u0026d=i"`), "web_url", `"http://gl/root"`, "created_at", `"2015-12-21T13:14:24.077Z"`, "bio",
		maybe(r, text(r)), "bot", "false", "followers", "3"})
}

func (u *upstream) commit(r *rand.Rand) string {
	r = u.common(r, "commit")
	return u.object(r, pairs{
		"id", `"0ff3ae198f8601a285adcf5c0fff204ee6fba5fd"`, "short_id", `"0ff3ae19"`, "created_at", `"2015-12-24T16:51:14.000+01:00"`, "parent_ids", `["a","b"]`, "title", text(r), "message", text(r),
		"author_name", text(r), "author_email", `"a@b"`, "trailers", maybe(r, `{"Changelog":"fixed"}`), "extended_trailers", maybe(r, `{"Changelog":["fixed", `+text(r)+`], "Signed-off-by": []}`), "web_url", maybe(r, `"https://gl/c"`),
	})
}

package fakegitlab

import (
	"slices"
	"strconv"
	"strings"
)

// role returns the caller's access level in a project. An administrator counts as an Owner.
func (q *request) role(p *project) Role {
	switch {
	case q.identity.user == nil:
		return NoRole
	case q.identity.user.Admin:
		return Owner
	}
	return p.members[q.identity.user.ID]
}

// canReadProject reports whether the caller may see the project at all.
func (q *request) canReadProject(p *project) bool {
	return q.role(p) >= Guest || p.Visibility == Public || p.Visibility == Internal && q.identity.user != nil
}

// canReadBuilds reports whether a caller who can read the project may read its jobs: Reporters
// always may, others only while its pipelines are public.
func (q *request) canReadBuilds(p *project) bool {
	return q.role(p) >= Reporter || !p.MembersOnly
}

// canSeeBuilds reports whether the caller may see the jobs of this pipeline.
func (q *request) canSeeBuilds(pl *pipeline) bool {
	return !pl.BuildsHidden || q.role(pl.project) >= Developer
}

// canUpdate reports whether the caller has GitLab's permission update_build: Developers and above,
// but on a protected ref only users who may push or merge there.
func (q *request) canUpdate(j *job) bool {
	role := q.role(j.pipeline.project)
	return role >= Developer && role >= j.pipeline.refRole()
}

// canErase reports whether the caller may erase the job: Maintainers may, and Developers who
// started the job themselves on a ref that is not protected.
func (q *request) canErase(j *job) bool {
	if q.role(j.pipeline.project) >= Maintainer {
		return true
	}
	return q.canUpdate(j) && j.User == q.identity.user && j.pipeline.refRole() == NoRole
}

// canReadTrace reports whether the caller may read the job's log. The log of a job that ran in
// debug mode contains every secret, so it requires the permission to update the job.
func (q *request) canReadTrace(j *job) bool {
	return !j.Debug || q.canUpdate(j)
}

// refRole returns the least role that may push or merge to the pipeline's ref: NoRole if the ref is
// not protected.
func (pl *pipeline) refRole() Role {
	least := NoRole
	for pattern, role := range pl.project.ProtectedRefs {
		if matchesWildcard(pattern, pl.Ref) {
			least = max(least, role)
		}
	}
	return least
}

// matchesWildcard reports whether s matches a pattern of GitLab's protected refs: "*" matches any
// text, slashes included.
func matchesWildcard(pattern, s string) bool {
	first, rest, hasStar := strings.Cut(pattern, "*")
	s, ok := strings.CutPrefix(s, first)
	if !ok || !hasStar {
		return ok && s == ""
	}
	for i := range len(s) + 1 {
		if matchesWildcard(rest, s[i:]) {
			return true
		}
	}
	return false
}

// checkJobTokenScope refuses a job token of another project unless p's allowlist contains that
// project.
func (q *request) checkJobTokenScope(p *project) *problem {
	if q.identity.job == nil || p.Visibility == Public || p.OpenToJobTokens {
		return nil
	}
	source := q.identity.job.pipeline.project
	if source == p {
		return nil
	}
	target := strconv.FormatInt(p.id, 10)
	for _, grant := range p.JobTokenGrants {
		if !strings.EqualFold(grant.Project, source.path) {
			continue
		}
		if len(grant.Policies) > 0 && !slices.Contains(grant.Policies, q.route.jobToken) {
			return forbidden("Insufficient permissions to access this resource in project #" + target +
				". The following token permission is required: " + q.route.jobToken + ".")
		}
		return nil
	}
	return forbidden("Authentication by CI/CD job token not allowed from " + source.path + " to project #" + target + ".")
}

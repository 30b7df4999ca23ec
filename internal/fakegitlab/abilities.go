package fakegitlab

import (
	"slices"
	"strconv"
	"strings"
)

// role is the caller's access level in a project; administrators have every right.
func (q *request) role(p *project) Role {
	switch {
	case q.who.user == nil:
		return NoRole
	case q.who.user.Admin:
		return Owner
	}
	return p.members[q.who.user.ID]
}

func (q *request) canReadProject(p *project) bool {
	return q.role(p) >= Guest || p.Visibility == Public || p.Visibility == Internal && q.who.user != nil
}

// canReadBuilds is for callers that can read the project: Reporters always, others while its
// pipelines are public.
func (q *request) canReadBuilds(p *project) bool {
	return q.role(p) >= Reporter || !p.MembersOnly
}

// canSeeBuilds reports whether the caller may see the jobs of this pipeline.
func (q *request) canSeeBuilds(pl *pipeline) bool {
	return !pl.BuildsHidden || q.role(pl.project) >= Developer
}

// canUpdate is GitLab's update_build: Developers and up, but on a protected ref only those who may
// push or merge there.
func (q *request) canUpdate(j *job) bool {
	role := q.role(j.pipeline.project)
	return role >= Developer && role >= j.pipeline.refRole()
}

// canErase is for Maintainers, and for Developers who started the job themselves on a ref that
// nobody protected.
func (q *request) canErase(j *job) bool {
	if q.role(j.pipeline.project) >= Maintainer {
		return true
	}
	return q.canUpdate(j) && j.User == q.who.user && j.pipeline.refRole() == NoRole
}

// canReadTrace keeps logs of jobs that ran in debug mode, which print every secret, from those who
// could not change the job.
func (q *request) canReadTrace(j *job) bool {
	return !j.Debug || q.canUpdate(j)
}

// refRole is the least role that may push or merge to the pipeline's ref: NoRole where nothing
// protects it.
func (pl *pipeline) refRole() Role {
	least := NoRole
	for pattern, role := range pl.project.ProtectedRefs {
		if matchesWildcard(pattern, pl.Ref) {
			least = max(least, role)
		}
	}
	return least
}

// matchesWildcard matches like GitLab's protected refs: "*" stands for anything, slashes included.
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

// checkJobTokenScope keeps job tokens out of other projects that have not let their project in.
func (q *request) checkJobTokenScope(p *project) *problem {
	if q.who.job == nil || p.Visibility == Public || p.OpenToJobTokens {
		return nil
	}
	source := q.who.job.pipeline.project
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

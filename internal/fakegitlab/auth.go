package fakegitlab

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// identity is the authenticated caller of a request. The zero value is an anonymous caller.
type identity struct {
	user  *User
	token *Token
	job   *job // the job whose CI_JOB_TOKEN was sent
}

// key returns the caller's key for rate limits: the user, or the address of an anonymous caller.
func (i identity) key(r *http.Request) string {
	if i.user != nil {
		return "user " + strconv.FormatInt(i.user.ID, 10)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "ip " + r.RemoteAddr
	}
	return "ip " + host
}

// callerName returns the caller's name for the call log.
func (q *request) callerName() string {
	switch {
	case q.identity.token != nil:
		return q.identity.token.Name
	case q.identity.job != nil:
		return "job token " + strconv.FormatInt(q.identity.job.id, 10)
	}
	return ""
}

// jobTokenPrefix marks CI job tokens. A value with this prefix in the place of a personal token is
// ignored.
const jobTokenPrefix = "glcbt-"

// authenticate identifies the caller, looking for credentials in GitLab's order. A bad credential
// is refused even if the route needs none.
func (q *request) authenticate() (identity, *problem) {
	caller, refused := q.identify()
	if refused != nil {
		return caller, refused
	}
	isRead := q.http.Method != http.MethodPost
	if caller.user == nil && !(q.route.anonymous && isRead) {
		return caller, unauthorized()
	}
	if q.route.jobToken == ownJob && caller.job == nil {
		return caller, notFound("Job")
	}
	return q.sudo(caller)
}

func (q *request) identify() (identity, *problem) {
	bearer, _ := strings.CutPrefix(q.http.Header.Get("Authorization"), "Bearer ")
	jobTokens := q.route.jobToken != "" && (!q.lacks(Older17) || !q.route.jobTokenNewest)
	if jobTokens && q.world.jobTokens[bearer] != nil {
		return q.identifyJob(bearer)
	}
	personal, asOAuth := q.personalToken(bearer)
	if personal != "" {
		return q.identifyUser(personal, asOAuth)
	}
	if jobTokens {
		value := cmp.Or(q.params.text("job_token"), q.params.text("token"), q.http.Header.Get("Job-Token"))
		if value != "" {
			return q.identifyJob(value)
		}
	}
	return identity{}, nil
}

// personalToken returns the caller's own token from the request, or "". asOAuth reports whether it
// came in a place that accepts OAuth tokens.
func (q *request) personalToken(bearer string) (value string, asOAuth bool) {
	slots := []struct {
		value string
		oauth bool
	}{
		{q.params.text("access_token"), true},
		{q.params.text("private_token"), false},
		{q.http.Header.Get("Private-Token"), false},
		{bearer, true},
	}
	for _, slot := range slots {
		if slot.value != "" && !strings.HasPrefix(slot.value, jobTokenPrefix) {
			return slot.value, slot.oauth
		}
	}
	return "", false
}

// identifyUser resolves a personal or OAuth token.
func (q *request) identifyUser(value string, asOAuth bool) (identity, *problem) {
	t := q.world.tokens[value]
	if t == nil || t.OAuth && !asOAuth {
		return identity{}, unauthorized()
	}
	caller := identity{user: t.User, token: t}
	switch {
	case t.Revoked:
		return caller, oauthProblem(http.StatusUnauthorized, "invalid_token", "Token was revoked. You have to re-authorize from the user.", "")
	case !t.ExpiresAt.IsZero() && !q.now.Before(t.ExpiresAt):
		return caller, oauthProblem(http.StatusUnauthorized, "invalid_token", "Token is expired. You can either do re-authorization or token refresh.", "")
	case slices.Contains(t.Scopes, "api"):
		return caller, nil
	case slices.Contains(t.Scopes, "read_api") && q.http.Method != http.MethodPost:
		return caller, nil
	}
	return caller, insufficientScope()
}

// identifyJob resolves a job token, which is valid while its job runs.
func (q *request) identifyJob(value string) (identity, *problem) {
	j := q.world.jobTokens[value]
	if j == nil || !isExecuting(j.statusAt(q.now)) || j.User == nil {
		return identity{}, unauthorized()
	}
	return identity{user: j.User, job: j}, nil
}

// sudo lets an administrator act as another user.
func (q *request) sudo(caller identity) (identity, *problem) {
	as := q.http.Header.Get("Sudo")
	if as == "" {
		as = q.params.text("sudo")
	}
	switch {
	case as == "":
		return caller, nil
	case caller.user == nil:
		return caller, unauthorized()
	case caller.token == nil:
		return caller, forbidden("Must be authenticated using an OAuth or personal access token to use sudo")
	case !caller.user.Admin:
		return caller, forbidden("Must be admin to use sudo")
	case !slices.Contains(caller.token.Scopes, "sudo"):
		return caller, insufficientScope()
	}
	id, _ := strconv.ParseInt(as, 10, 64)
	for _, u := range q.world.users {
		if u.ID == id || strings.EqualFold(u.Username, as) {
			return identity{user: u, token: caller.token}, nil
		}
	}
	return caller, notFound("User with ID or username '" + as + "'")
}

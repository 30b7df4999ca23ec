package fakegitlab

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// identity is who a request comes from. All nil is an anonymous caller.
type identity struct {
	user  *User
	token *Token
	job   *job // the job whose CI_JOB_TOKEN was sent
}

// key identifies the caller for rate limits: the user, or the address of an anonymous caller.
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

// caller is the name for the call log.
func (q *request) caller() string {
	switch {
	case q.who.token != nil:
		return q.who.token.Name
	case q.who.job != nil:
		return "job token " + strconv.FormatInt(q.who.job.id, 10)
	}
	return ""
}

// jobTokenPrefix marks CI job tokens; where a personal token is expected, such a value counts as
// none.
const jobTokenPrefix = "glcbt-"

// authenticate finds the caller in GitLab's own search order. A bad credential is refused even
// where none is needed.
func (q *request) authenticate() (identity, *problem) {
	who, refused := q.identify()
	if refused != nil {
		return who, refused
	}
	isRead := q.http.Method != http.MethodPost
	if who.user == nil && !(q.route.anonymous && isRead) {
		return who, unauthorized()
	}
	if q.route.jobToken == ownJob && who.job == nil {
		return who, notFound("Job")
	}
	return q.sudo(who)
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
		for _, value := range []string{q.params.text("job_token"), q.params.text("token"), q.http.Header.Get("Job-Token")} {
			if value != "" {
				return q.identifyJob(value)
			}
		}
	}
	return identity{}, nil
}

// personalToken returns the caller's own token from the request; asOAuth reports that it came where
// OAuth tokens may.
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

func (q *request) identifyUser(value string, asOAuth bool) (identity, *problem) {
	t := q.world.tokens[value]
	if t == nil || t.OAuth && !asOAuth {
		return identity{}, unauthorized()
	}
	who := identity{user: t.User, token: t}
	switch {
	case t.Revoked:
		return who, oauthProblem(http.StatusUnauthorized, "invalid_token", "Token was revoked. You have to re-authorize from the user.", "")
	case !t.ExpiresAt.IsZero() && !q.now.Before(t.ExpiresAt):
		return who, oauthProblem(http.StatusUnauthorized, "invalid_token", "Token is expired. You can either do re-authorization or token refresh.", "")
	case slices.Contains(t.Scopes, "api"):
		return who, nil
	case slices.Contains(t.Scopes, "read_api") && q.http.Method != http.MethodPost:
		return who, nil
	}
	return who, insufficientScope()
}

// identifyJob takes a job token, which is good while its job runs.
func (q *request) identifyJob(value string) (identity, *problem) {
	j := q.world.jobTokens[value]
	if j == nil || !isExecuting(j.statusAt(q.now)) || j.User == nil {
		return identity{}, unauthorized()
	}
	return identity{user: j.User, job: j}, nil
}

// sudo lets an administrator act as another user.
func (q *request) sudo(who identity) (identity, *problem) {
	as := q.http.Header.Get("Sudo")
	if as == "" {
		as = q.params.text("sudo")
	}
	switch {
	case as == "":
		return who, nil
	case who.user == nil:
		return who, unauthorized()
	case who.token == nil:
		return who, forbidden("Must be authenticated using an OAuth or personal access token to use sudo")
	case !who.user.Admin:
		return who, forbidden("Must be admin to use sudo")
	case !slices.Contains(who.token.Scopes, "sudo"):
		return who, insufficientScope()
	}
	id, _ := strconv.ParseInt(as, 10, 64)
	for _, u := range q.world.users {
		if u.ID == id || strings.EqualFold(u.Username, as) {
			return identity{user: u, token: who.token}, nil
		}
	}
	return who, notFound("User with ID or username '" + as + "'")
}

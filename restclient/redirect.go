package restclient

import (
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is the most hops of one read. GitLab needs one, for a project that was renamed.
const maxRedirects = 5

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirectTarget returns where a redirect leads, if that is the API of the same instance: the
// credential is sent nowhere else. Other paths of the host may belong to another service.
func (c *Client) redirectTarget(from *url.URL, location string) (string, error) {
	if location == "" {
		return "", &InvalidError{Reason: UnexpectedRedirect}
	}
	to, err := from.Parse(location)
	if err != nil {
		return "", &InvalidError{Reason: UnexpectedRedirect, Err: err}
	}
	if to.Scheme != c.base.Scheme || to.User != nil || !strings.EqualFold(hostPort(to), hostPort(c.base)) {
		return "", &InvalidError{Reason: ForeignRedirect}
	}
	path, inside := strings.CutPrefix(to.EscapedPath(), c.prefix)
	if !inside || !isBelowAPI(path+"?"+to.RawQuery) {
		return "", &InvalidError{Reason: OutsideRedirect}
	}
	to.Fragment, to.RawFragment = "", ""
	return to.String(), nil
}

// hostPort returns u's host with its port, also if that is the scheme's default.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname() + ":" + port
}

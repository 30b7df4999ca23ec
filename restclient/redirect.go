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

// redirectTarget is where a redirect leads, as long as that is the same server: the credential goes to no other.
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
	to.Fragment, to.RawFragment = "", ""
	return to.String(), nil
}

// hostPort is u's host with its port, also where the port is the scheme's own.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname() + ":" + port
}

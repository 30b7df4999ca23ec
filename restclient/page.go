package restclient

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// page returns what an answer's headers say about its page.
func (c *Client) page(answer *http.Response) Page {
	h := answer.Header
	links := parseLinks(h["Link"])
	p := Page{
		PrevCursor: h.Get("X-Prev-Cursor"),
		NextCursor: h.Get("X-Next-Cursor"),
		Number:     positive(h.Get("X-Page")),
		Total:      count(h.Get("X-Total")),
	}
	p.HasNext = links.next != "" || p.NextCursor != "" || positive(h.Get("X-Next-Page")) > 0
	p.HasPrev = links.prev != "" || p.PrevCursor != "" || positive(h.Get("X-Prev-Page")) > 0
	if links.next == "" {
		return p
	}
	if path, query, ok := c.samePath(answer.Request.URL, links.next); ok {
		p.NextPath = path + "?" + query
	}
	return p
}

// samePath returns the path and query of a link to another page of the list that was read. GitLab
// builds links from the address in its own configuration, which may differ from the address it is
// reached by, so the host is not compared and never called. ok is false for a link to another path.
func (c *Client) samePath(list *url.URL, link string) (path, query string, ok bool) {
	to, err := url.Parse(link)
	if err != nil || to.RawQuery == "" {
		return "", "", false
	}
	path, below := strings.CutPrefix(list.EscapedPath(), c.prefix)
	if !below || !strings.HasSuffix(to.EscapedPath(), apiPath+path) {
		return "", "", false
	}
	return path, to.RawQuery, isBelowAPI(path + "?" + to.RawQuery)
}

// positive returns the number in a header, or 0 if there is none.
func positive(value string) int {
	if value == "" {
		return 0 // Atoi would allocate an error
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// count returns the number in a header, or nil if there is none.
func count(value string) *int {
	if value == "" {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return nil
	}
	return &n
}

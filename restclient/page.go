package restclient

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// page reads what an answer's headers say of its page.
func (c *Client) page(answer *http.Response) Page {
	h := answer.Header
	links := parseLinks(h["Link"])
	p := Page{
		NextCursor: h.Get("X-Next-Cursor"),
		PrevCursor: h.Get("X-Prev-Cursor"),
		Number:     positive(h.Get("X-Page")),
		PerPage:    positive(h.Get("X-Per-Page")),
		NextPage:   positive(h.Get("X-Next-Page")),
		PrevPage:   positive(h.Get("X-Prev-Page")),
		Total:      count(h.Get("X-Total")),
		TotalPages: count(h.Get("X-Total-Pages")),
	}
	p.HasNext = links.next != "" || p.NextCursor != "" || p.NextPage > 0
	p.HasPrev = links.prev != "" || p.PrevCursor != "" || p.PrevPage > 0
	if links.next == "" {
		return p
	}
	if path, query, ok := c.samePath(answer.Request.URL, links.next); ok {
		p.NextPath = path + "?" + query
		if p.NextCursor == "" {
			p.NextCursor = queryValue(query, "cursor")
		}
	}
	return p
}

// samePath takes the query of a link to another page of the list that was read. GitLab makes its links from the address
// in its own configuration, which need not be the one that it is reached by: so the host is not compared, but neither
// is it ever called. A link to any other path is not followed.
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

// queryValue is the first value of a parameter in a query.
func queryValue(query, name string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return values.Get(name)
}

// positive is the number in a header, 0 where there is none.
func positive(value string) int {
	if value == "" {
		return 0 // without an error, which would be made for nothing
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// count is the number in a header, nil where there is none.
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

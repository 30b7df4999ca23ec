package restclient

// Response is a complete, successful answer.
type Response struct {
	Status int    // 200 or 201
	Body   []byte // as sent
	Page   Page   // what the headers of a list say; zero for anything else

	free func(body []byte) // takes the body's memory back; nil: it is left to the collector
}

// Lend makes free take the body's memory back when the response is released.
func (r *Response) Lend(free func(body []byte)) { r.free = free }

// Release gives the body's memory back for another answer. It must be the only use of the response
// that is left: nothing may refer to the body any longer. A response that is not released is left
// to the collector.
func (r *Response) Release() {
	if r == nil || r.free == nil {
		return
	}
	free, body := r.free, r.Body
	r.free, r.Body = nil, nil
	free(body)
}

// Shared returns the response for several callers. None of them gives its memory back.
func (r *Response) Shared() *Response {
	if r == nil || r.free == nil {
		return r
	}
	shared := *r
	shared.free = nil
	return &shared
}

// Page is what GitLab's headers say about one page of a list.
type Page struct {
	HasNext bool // there is a next page
	HasPrev bool // there is a previous page

	// NextPath is the next page by GitLab's own link, as a path for [Client.Fetch]: the path of this
	// list with the query of the Link header. It is "" without a next page, and for a link that leads
	// anywhere else.
	NextPath string

	PrevCursor string // keyset: "" without a previous page, or if the release sends no cursors
	NextCursor string // keyset: "" without a next page, or if the release sends no cursors

	Number int  // offset: this page, from 1; 0 for keyset
	Total  *int // rows of the whole list; nil if GitLab does not send it
}

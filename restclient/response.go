package restclient

// Response is a complete, successful answer.
type Response struct {
	Status int    // 200 or 201
	Body   []byte // as sent
	Page   Page   // what the headers of a list say; zero for anything else
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

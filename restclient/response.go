package restclient

// Response is a finished, successful answer.
type Response struct {
	Status   int    // 200 or 201
	Body     []byte // as sent
	Page     Page   // what the headers of a list say; zero for anything else
	Attempts int    // calls made to the upstream, retries and redirects included
}

// Page is what GitLab's headers say of a list's page.
type Page struct {
	HasNext bool // GitLab says that there is a next page
	HasPrev bool // GitLab says that there is a previous page

	// NextPath is GitLab's own address of the next page, as a path for [Client.Fetch]: the path that was asked for with
	// the query of its Link header. "" where there is none, or where it leads to something else than this list.
	NextPath string

	NextCursor string // keyset: "" where there is no next page or the release names no cursor
	PrevCursor string // keyset: "" where there is no previous page or the release names no cursor

	Number     int  // offset: this page, from 1; 0 for keyset
	PerPage    int  // offset: rows a page, as GitLab applied it; 0 for keyset
	NextPage   int  // offset: 0 where there is none
	PrevPage   int  // offset: 0 where there is none
	Total      *int // rows in all; nil where GitLab does not tell
	TotalPages *int // pages in all; nil where GitLab does not tell
}

package restclient

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// What a call accepts for an answer.
const (
	mediaJSON  = "application/json"
	mediaPlain = "text/plain"
)

// call is one request with all its attempts.
type call struct {
	method   string
	path     string // below /api/v4, escaped
	body     []byte
	cred     Credential
	accept   string        // a media type
	stream   bool          // hand the body over unread
	attempts int           // requests sent so far
	within   time.Duration // what is left of the attempt's time, where the transport sees to that
}

// validate refuses what must not be sent.
func (call *call) validate() error {
	if err := call.cred.Validate(); err != nil {
		return err
	}
	if !isBelowAPI(call.path) {
		return &ArgumentError{Name: "path", Problem: "it is not the escaped path of an endpoint"}
	}
	return nil
}

// isBelowAPI reports whether path stays below /api/v4 for any server that reads it, also one that decodes it once more.
func isBelowAPI(path string) bool {
	if len(path) < 2 || path[0] != '/' {
		return false
	}
	for i := range len(path) {
		if b := path[i]; b <= ' ' || b >= 0x7f || b == '#' || b == '\\' {
			return false
		}
	}
	path, _, _ = strings.Cut(path, "?")
	plain, err := url.PathUnescape(path)
	if err != nil {
		return false
	}
	for segment := range strings.SplitSeq(plain[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// request makes the request of one attempt or of one hop of a redirect.
func (c *Client) request(ctx context.Context, call *call, target string) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		body = bytes.NewReader(call.body)
	}
	request, err := http.NewRequestWithContext(ctx, call.method, target, body)
	if err != nil {
		return nil, &ArgumentError{Name: "path", Problem: "it makes no address", Err: err}
	}
	request.Header["Accept"] = []string{call.accept}
	request.Header["User-Agent"] = c.userAgent
	if call.body != nil {
		request.Header["Content-Type"] = []string{mediaJSON}
	}
	call.cred.set(request.Header)
	return request, nil
}

// exchange sends the request, follows the redirects of a read, and returns the last answer with its body open.
func (c *Client) exchange(ctx context.Context, call *call) (*http.Response, error) {
	target, began := c.api+call.path, c.now()
	for hop := 0; ; hop++ {
		request, err := c.request(ctx, call, target)
		if err != nil {
			return nil, err
		}
		response, err := c.roundTrip(request, call)
		if err != nil {
			return nil, err
		}
		if !isRedirect(response.StatusCode) {
			return response, nil
		}
		discard(response.Body)
		if call.method != http.MethodGet {
			return nil, &InvalidError{Reason: UnexpectedRedirect}
		}
		if hop == maxRedirects {
			return nil, &InvalidError{Reason: RedirectLoop}
		}
		if target, err = c.redirectTarget(request.URL, response.Header.Get("Location")); err != nil {
			return nil, err
		}
		if call.within > 0 {
			call.within = max(c.timeout-c.now().Sub(began), 1)
		}
	}
}

// roundTrip sends one request.
func (c *Client) roundTrip(request *http.Request, call *call) (*http.Response, error) {
	call.attempts++
	if call.method == http.MethodGet {
		response, err := c.send(request, call)
		if err != nil {
			return nil, transportError(request.Context(), err, !isUnreachable(err))
		}
		return answered(response, request), nil
	}
	// Whether a write that failed has reached the server decides if it may be repeated. Only a transport that was seen
	// to look for a connection and found none proves that it has not.
	var sought, found atomic.Bool
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { sought.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { found.Store(true) },
	})
	response, err := c.send(request.WithContext(ctx), call)
	if err != nil {
		return nil, transportError(ctx, err, found.Load() || !sought.Load())
	}
	return answered(response, request), nil
}

// punctual is a transport that ends a call in time without a context that has a deadline, as [Transport] does.
type punctual interface {
	RoundTripWithin(request *http.Request, limit time.Duration) (*http.Response, error)
}

func (c *Client) send(request *http.Request, call *call) (*http.Response, error) {
	if c.punctual != nil {
		return c.punctual.RoundTripWithin(request, call.within)
	}
	return c.transport.RoundTrip(request)
}

// answered ties the answer to its request, which a transport other than net/http's need not do.
func answered(response *http.Response, request *http.Request) *http.Response {
	response.Request = request
	return response
}

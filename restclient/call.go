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
	attempts int           // begun so far
	sent     bool          // a request was sent
	within   time.Duration // what is left of the attempt's time, for a transport that keeps it
	cost     *Cost

	requestID string // GitLab's, of the last answer

	observation Observation // nil = none
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

// isBelowAPI reports whether path stays below /api/v4 for any server that reads it, also one that
// decodes it once more.
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

// exchange sends the request, follows the redirects of a read, and returns the last answer with its
// body open.
func (c *Client) exchange(ctx context.Context, call *call) (*http.Response, error) {
	target, began := c.api+call.path, c.now()
	for hop := 0; ; hop++ {
		request, err := c.request(ctx, call, target)
		if err != nil {
			return nil, err
		}
		response, err := c.roundTrip(request, call, hop > 0)
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

// roundTrip sends one request and counts it.
func (c *Client) roundTrip(request *http.Request, call *call, redirected bool) (*http.Response, error) {
	var began time.Time
	if call.observation != nil {
		call.observation.Propagate(request.Header)
		began = c.now()
	}
	response, sent, err := c.send(request, call)
	if call.observation != nil && (sent > 0 || err != nil) {
		c.exchanged(call, redirected, began, response, err)
	}
	call.cost.count(sent, redirected, call.sent)
	call.sent = call.sent || sent > 0
	if err != nil {
		return nil, roundTripError(request.Context(), err, sent > 0)
	}
	response.Request = request // which only net/http's transport is sure to have done
	return response, nil
}

// punctual is a transport that keeps a call's time without a deadline in its context, and returns
// how often it sent the request, as [Transport] does.
type punctual interface {
	RoundTripWithin(request *http.Request, limit time.Duration) (answer *http.Response, sent int, err error)
}

// send returns the answer and how often the request was sent. 0 is a proof that nothing reached the
// server: a write may be repeated then.
func (c *Client) send(request *http.Request, call *call) (*http.Response, int, error) {
	if c.punctual != nil {
		return c.punctual.RoundTripWithin(request, call.within)
	}
	var seen sightings
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), seen.trace()))
	response, err := c.transport.RoundTrip(request)
	if err != nil && seen.began.Load() && !isBroken(err) {
		err = &malformedError{err}
	}
	return response, seen.sent(), err
}

// sightings are what a transport reports about its call through httptrace.
type sightings struct {
	sought, found atomic.Bool  // a connection
	wrote         atomic.Int32 // requests
	began         atomic.Bool  // an answer
}

func (s *sightings) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { s.sought.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { s.found.Store(true) },
		WroteHeaders: func() { s.wrote.Add(1) },

		GotFirstResponseByte: func() { s.began.Store(true) },
	}
}

// sent returns how often the request was sent. A transport proves that it sent nothing by looking
// for a connection and finding none; one that reports nothing may have sent it.
func (s *sightings) sent() int {
	if s.sought.Load() && !s.found.Load() {
		return 0
	}
	return max(1, int(s.wrote.Load()))
}

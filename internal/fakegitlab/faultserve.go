package fakegitlab

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// status returns the status for the call log of a request that is not processed: zero if no answer
// is sent.
func (f *activeFault) status() int {
	switch f.Kind {
	case HTMLPage:
		return cmp.Or(f.Status, http.StatusBadGateway)
	case ErrorStatus:
		return cmp.Or(f.Status, http.StatusInternalServerError)
	case ThrottledByEndpoint, ThrottledByRack:
		return http.StatusTooManyRequests
	case Redirect:
		return http.StatusFound
	case InvalidJSON, EndlessBody:
		return http.StatusOK
	}
	return 0
}

// serve makes the request fail. respond processes it and returns the correct answer, for the kinds
// of fault that need it.
func (f *activeFault) serve(w http.ResponseWriter, r *http.Request, respond func() *answer) {
	switch f.Kind {
	case ResetConnection:
		resetConnection(w)
	case AnswerLost:
		respond()
		resetConnection(w)
	case ResetMidBody:
		f.resetMidBody(w, respond())
	case HangBeforeHeaders:
		f.hang(r)
		resetConnection(w)
	case HangAfterHeaders:
		respond().writeHeader(w)
		flush(w)
		f.hang(r)
		resetConnection(w)
	case EndlessBody:
		f.endless(w, r)
	case SlowDrip:
		f.drip(w, r, respond())
	case TruncatedJSON, WrongContentType, GarbageLink, RepeatedPage:
		f.spoil(r, respond()).write(w)
	default:
		f.refuse(r).write(w)
	}
}

// refuse returns an answer that is sent instead of processing the request.
func (f *activeFault) refuse(r *http.Request) *answer {
	switch f.Kind {
	case HTMLPage:
		return f.page("text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n")
	case InvalidJSON:
		return f.page("application/json", `[{"id": 7, "status": `)
	case Redirect:
		a := f.page("text/html", `<html><body>You are being <a href="`+f.Location+`">redirected</a>.</body></html>`)
		a.header.Set("Location", f.Location)
		return a
	case ThrottledByEndpoint:
		return tooManyJobsIndex().answer()
	case ThrottledByRack:
		a := retryLater("throttle_authenticated_api", 600, 601, f.now()).answer()
		if f.RetryAfter != "" {
			a.header.Set("Retry-After", f.RetryAfter)
		}
		return a
	}
	a := withMessage(f.status(), fmt.Sprintf("%d %s", f.status(), http.StatusText(f.status()))).answer()
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	return a
}

// page returns an answer with the fault's status and this body.
func (f *activeFault) page(contentType, body string) *answer {
	return &answer{status: f.status(), header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

// spoil makes the correct answer wrong.
func (f *activeFault) spoil(r *http.Request, a *answer) *answer {
	switch f.Kind {
	case TruncatedJSON:
		a.header.Del("ETag")
		a.body = a.bytes()
		a.body, a.stream = a.body[:len(a.body)/2], nil
	case WrongContentType:
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	case GarbageLink:
		a.header.Set("Link", `<>; rel=, next; <http://[::1/%zz?page=2>; rel="next", <<;;"`)
	case RepeatedPage:
		a.header.Set("Link", `<http://`+r.Host+r.RequestURI+`>; rel="next"`)
	}
	return a
}

// resetMidBody sends the headers and half of the body, and resets the connection.
func (f *activeFault) resetMidBody(w http.ResponseWriter, a *answer) {
	body := a.bytes()
	a.writeHeader(w)
	_, _ = w.Write(body[:len(body)/2])
	flush(w)
	resetConnection(w)
}

// endless sends a JSON array until the client disconnects or the fault is removed.
func (f *activeFault) endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	chunk := `[` + strings.Repeat(`{"id":7,"name":"again"},`, 1000)
	for f.held(r) {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
		chunk = strings.TrimPrefix(chunk, "[")
	}
}

// drip sends the body byte by byte, with a pause after each byte.
func (f *activeFault) drip(w http.ResponseWriter, r *http.Request, a *answer) {
	body := a.bytes()
	a.writeHeader(w)
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil || !f.held(r) {
			return
		}
		flush(w)
		f.pause(r)
	}
}

// pause waits for the duration Every, or until the client disconnects or the fault is removed.
func (f *activeFault) pause(r *http.Request) {
	if f.Every == 0 {
		return
	}
	timer := time.NewTimer(f.Every)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-f.released:
	}
}

// hang waits until the client disconnects or the fault is removed.
func (f *activeFault) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-f.released:
	}
}

// held reports whether the client is still connected and the fault has not been removed.
func (f *activeFault) held(r *http.Request) bool {
	select {
	case <-f.released:
		return false
	default:
		return r.Context().Err() == nil
	}
}

// bytes returns the complete body, also that of a log.
func (a *answer) bytes() []byte {
	if a.stream == nil {
		return a.body
	}
	body := make([]byte, a.stream.Size())
	if _, err := a.stream.ReadAt(body, 0); err != nil && err != io.EOF {
		panic(err) // a generated log can be read
	}
	return body
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// resetConnection resets the connection. If it cannot be hijacked (HTTP/2), the stream is reset.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // reset instead of an orderly end
	}
	_ = conn.Close()
}

// Package multipart writes the responses of one GraphQL operation as parts of a multipart/mixed
// body: those of a subscription as Apollo's multipart subscription protocol has it
// (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol),
// those of a query with @defer in the formats of package incremental.
//
// A boundary is written behind each part at once, for clients take a part as complete only then.
package multipart

import "net/http"

// MediaType is the media type of a multipart body.
const MediaType = "multipart/mixed"

// SubscriptionSpec is the version of the protocol, as clients name it in Accept.
const SubscriptionSpec = "1.0"

const (
	boundary = "graphql"
	head     = "\r\nContent-Type: application/json\r\n\r\n"
	tail     = "\r\n--" + boundary
)

// Writer formats a subscription's body. Each method appends what is to be sent to b.
type Writer struct{}

// SetHeaders sets the headers of the body. Proxies are told not to buffer it.
func (Writer) SetHeaders(h http.Header) { setHeaders(h, `subscriptionSpec="`+SubscriptionSpec+`"`) }

func setHeaders(h http.Header, version string) {
	h.Set("Content-Type", MediaType+`;boundary="`+boundary+`";`+version)
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
}

// Open appends the first boundary.
func (Writer) Open(b []byte) []byte { return append(b, "--"+boundary...) }

// Heartbeat appends an empty part, which clients ignore.
func (Writer) Heartbeat(b []byte) []byte { return append(b, head+"{}"+tail...) }

// Next appends a response, given as parts of its JSON. The protocol has no place for an id.
func (Writer) Next(b []byte, _ string, parts ...[]byte) []byte {
	b = append(b, head+`{"payload":`...)
	for _, part := range parts {
		b = append(b, part...)
	}
	return append(b, "}"+tail...)
}

// Errors appends the errors that end a subscription.
func (Writer) Errors(b []byte, errors []byte) []byte {
	b = append(b, head+`{"payload":null,"errors":`...)
	b = append(b, errors...)
	return append(b, "}"+tail...)
}

// Complete appends the end of the body.
func (Writer) Complete(b []byte) []byte { return append(b, "--\r\n"...) }

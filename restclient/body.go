package restclient

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// maxDiscard is how much of an unwanted body is read to keep its connection: more than that costs
// more than a new one.
const maxDiscard = 64 << 10

// discard reads what is left of a body, so that its connection can be used again, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDiscard)
	_ = body.Close()
}

// readBody reads an answer's body within Config.MaxBody, and reserves its memory first.
func (c *Client) readBody(ctx context.Context, answer *http.Response) ([]byte, error) {
	switch {
	case answer.ContentLength > c.maxBody:
		_ = answer.Body.Close()
		return nil, &InvalidError{Reason: TooLarge}
	case answer.ContentLength < 0:
		return c.readToEnd(ctx, answer)
	}
	if err := c.reserveBody(ctx, answer, answer.ContentLength); err != nil {
		return nil, err
	}
	var body []byte
	if class, ok := bodyClass(answer.ContentLength); ok && isReleasing(ctx) {
		body = c.bodies.take(class)[:answer.ContentLength]
	} else {
		body = make([]byte, answer.ContentLength)
	}
	if _, err := io.ReadFull(answer.Body, body); err != nil {
		return nil, bodyError(ctx, err)
	}
	return body, nil
}

// readToEnd reads a body whose length is not known.
func (c *Client) readToEnd(ctx context.Context, answer *http.Response) ([]byte, error) {
	var body []byte
	for {
		if len(body) == cap(body) {
			size := max(2*cap(body), firstRead)
			if err := c.reserveBody(ctx, answer, int64(size-cap(body))); err != nil {
				return nil, err
			}
			body = slices.Grow(body, size-len(body))
		}
		n, err := answer.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > c.maxBody:
			_ = answer.Body.Close()
			return nil, &InvalidError{Reason: TooLarge}
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, bodyError(ctx, err)
		}
	}
}

// firstRead is the size of the first buffer of a body without a length.
const firstRead = 4 << 10

func (c *Client) reserveBody(ctx context.Context, answer *http.Response, bytes int64) error {
	if c.reserve == nil {
		return nil
	}
	err := c.reserve(ctx, bytes)
	if err != nil {
		_ = answer.Body.Close()
	}
	return err
}

// bodyError returns the error of a body that broke off. The request was sent, or there would be no
// body.
func bodyError(ctx context.Context, err error) error {
	if isBadGzip(err) {
		return &InvalidError{Reason: InvalidEncoding, Err: err}
	}
	if ctx.Err() == nil && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)) {
		return &InvalidError{Reason: Truncated, Err: err}
	}
	return transportError(ctx, err, true)
}

func isBadGzip(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// checkJSONType returns an error for an answer whose media type is not JSON, such as the page of a
// proxy. Servers without a media type for JSON send octet-stream, plain text or nothing: then the
// decoder decides.
func checkJSONType(h http.Header) error {
	value := h.Get("Content-Type")
	if value == mediaJSON || value == "" {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(value)
	if err != nil {
		return &InvalidError{Reason: InvalidContentType, Err: err}
	}
	switch mediaType {
	case mediaJSON, mediaPlain, "application/octet-stream":
		return nil
	}
	if strings.HasSuffix(mediaType, "+json") {
		return nil
	}
	return &InvalidError{Reason: InvalidContentType, Err: errors.New("content type " + mediaType)}
}

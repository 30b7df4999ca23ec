package restclient

import (
	"context"
	"io"
	"net/http"
	"time"
)

// outcome is how one attempt ended.
type outcome struct {
	response *Response
	stream   io.ReadCloser // instead of response, where the call streams
	err      error
	again    bool          // err is worth another attempt
	wait     time.Duration // how long before it
}

// run makes the call, attempt after attempt, and reports it to the observer.
func (c *Client) run(ctx context.Context, call *call) outcome {
	return c.observed(ctx, call, c.attempts)
}

// attempts makes the call, attempt after attempt.
func (c *Client) attempts(ctx context.Context, call *call) outcome {
	if err := call.validate(); err != nil {
		return outcome{err: err}
	}
	if err := c.throttles.check(call, c.now()); err != nil {
		return outcome{err: err}
	}
	call.cost = CostFrom(ctx)
	result := c.attempt(ctx, call)
	if result.again {
		result = c.repeat(ctx, call, result)
	}
	c.failures.note(ctx, call, result.err, c.now())
	if refusal, ok := result.err.(*Error); ok {
		c.throttles.remember(call, refusal, c.now())
	}
	return result
}

// attempt makes the call once, under the gate.
func (c *Client) attempt(ctx context.Context, call *call) outcome {
	if ctx.Err() != nil {
		return outcome{err: transportError(ctx, ctx.Err(), false)}
	}
	if err := c.gate.enter(ctx); err != nil {
		return outcome{err: err}
	}
	call.attempts++
	result := c.once(ctx, call)
	if result.stream != nil {
		result.stream = &gated{ReadCloser: result.stream, leave: c.gate.leave}
	} else {
		c.gate.leave(result.err)
	}
	c.plan(ctx, call, &result)
	return result
}

// once makes the call once, within its time.
func (c *Client) once(ctx context.Context, call *call) outcome {
	if call.stream {
		return c.openStream(ctx, call)
	}
	if c.punctual != nil {
		call.within = c.timeout
	} else {
		within, cancel := context.WithTimeout(ctx, c.timeout)
		defer cancel()
		ctx = within
	}
	answer, err := c.exchange(ctx, call)
	if err != nil {
		return outcome{err: err}
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		call.requestID = requestID(answer.Header)
	}
	body, err := c.readAnswer(ctx, answer, call)
	if err != nil {
		discard(answer.Body)
		return outcome{err: err}
	}
	_ = answer.Body.Close() // which was read to its end
	response := &Response{Status: answer.StatusCode, Body: body, free: c.freeBody}
	if call.method == http.MethodGet {
		response.Page = c.page(answer)
	}
	return outcome{response: response}
}

// readAnswer reads the body of an answer that is a success in JSON.
func (c *Client) readAnswer(ctx context.Context, answer *http.Response, call *call) ([]byte, error) {
	if err := c.checkStatus(answer, call); err != nil {
		return nil, err
	}
	if err := checkJSONType(answer.Header); err != nil {
		return nil, err
	}
	return c.readBody(ctx, answer)
}

// checkStatus returns the error that the answer's status stands for.
func (c *Client) checkStatus(answer *http.Response, call *call) error {
	switch {
	case answer.StatusCode == http.StatusOK:
		return nil
	case answer.StatusCode == http.StatusCreated && call.method == http.MethodPost:
		return nil
	case answer.StatusCode >= 400:
		return c.statusError(answer, call.cred)
	default:
		return &InvalidError{Reason: InvalidStatus}
	}
}

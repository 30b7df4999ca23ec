package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"
)

// credential returns the headers that carry a caller's credential, for the gateway.
func credential(from http.Header) http.Header {
	to := http.Header{}
	for _, name := range []string{"PRIVATE-TOKEN", "Authorization", "JOB-TOKEN"} {
		if value := from.Get(name); value != "" {
			to.Set(name, value)
		}
	}
	return to
}

// gateway is the gateway for one caller. It is genqlient's client for queries and mutations.
type gateway struct {
	endpoint   string
	credential http.Header
}

var _ graphql.Client = gateway{}

// MakeRequest sends the hash of a document, and not its text: the gateway knows the text.
func (g gateway) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	hash := sha256.Sum256([]byte(req.Query))
	body, err := json.Marshal(map[string]any{
		"documentId":    "sha256:" + hex.EncodeToString(hash[:]),
		"operationName": req.OpName,
		"variables":     req.Variables,
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = g.credential.Clone()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/graphql-response+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(resp); err != nil {
		return fmt.Errorf("the gateway answered %s: %w", response.Status, err)
	}
	if len(resp.Errors) > 0 {
		return resp.Errors
	}
	return nil
}

// wait watches a job and returns it when it has ended.
func (g gateway) wait(ctx context.Context, id string) (result, error) {
	address := "ws" + strings.TrimPrefix(g.endpoint, "http")
	dial := &dialer{}
	socket := graphql.NewClientUsingWebSocket(address, dial, graphql.WithWebsocketHeader(g.credential))
	failed, err := socket.Start(ctx)
	if err != nil {
		return result{}, err
	}
	events, _, err := Watch(ctx, socket, id)
	if err != nil {
		dial.hangUp(events, failed)
		return result{}, err
	}
	var last result
	for {
		select {
		case event, more := <-events:
			if more && event.Errors == nil {
				job := event.Data.JobUpdated
				last = result{job.GetId(), job.GetName(), string(job.GetStatus()), job.GetFailureReason()}
				continue
			}
			dial.hangUp(events, failed)
			if event.Errors != nil {
				return result{}, event.Errors
			}
			return last, nil
		case err := <-failed: // the connection has ended
			return result{}, err
		case <-ctx.Done():
			dial.hangUp(events, failed)
			return result{}, ctx.Err()
		}
	}
}

// dialer opens genqlient's connection, for which it names no library of its own.
type dialer struct{ conn *websocket.Conn }

func (d *dialer) DialContext(ctx context.Context, address string, header http.Header) (graphql.WSConn, error) {
	conn, response, err := websocket.DefaultDialer.DialContext(ctx, address, header)
	if err != nil && response != nil {
		return nil, fmt.Errorf("the gateway answered %s: %w", response.Status, err)
	}
	d.conn = conn
	return conn, err
}

// hangUp closes the connection and takes what genqlient's reader still has, until the reader ends.
// The reader would wait for that forever, and genqlient's own Close can end a reader that sends
// with a panic.
func (d *dialer) hangUp(events <-chan WatchWsResponse, failed <-chan error) {
	_ = d.conn.Close() // nothing more is expected of it
	for {
		select {
		case _, more := <-events:
			if !more {
				events = nil
			}
		case <-failed:
			return
		}
	}
}

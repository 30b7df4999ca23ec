// Package webhook receives GitLab's webhooks (job events and pipeline events). A webhook reports
// that something has changed. It does not authorize anyone to see the change, so only the numbers
// of the project, pipeline and job to read again are used from its body.
//
// GitLab switches a hook off, perhaps for good, when its receiver answers with a 4xx. So everything
// authentic is answered with 200 at once, whatever it is about.
package webhook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Event identifies what has changed. Pipeline and Job are 0 if the webhook does not name them.
type Event struct{ Project, Pipeline, Job int64 }

// Config configures a receiver.
type Config struct {
	// Secret is the secret token of the hook, or its signing secret (whsec_…).
	Secret string
	// BodyBytes is the longest body that is read.
	BodyBytes int64
	// Received is called for each event, in the goroutine of the request.
	Received func(Event)
	Now      func() time.Time
}

// parallel is how many bodies are read at the same time. A body has to be read before its signature
// can be checked, so this bounds the memory that unauthenticated senders can take.
const parallel = 16

// Receiver is the HTTP handler of webhooks.
type Receiver struct {
	config Config
	verify verifier
	slots  chan struct{}
}

// New returns a receiver. The error describes what is wrong with the secret.
func New(c Config) (*Receiver, error) {
	v, err := newVerifier(c.Secret, c.Now)
	if err != nil {
		return nil, err
	}
	return &Receiver{config: c, verify: v, slots: make(chan struct{}, parallel)}, nil
}

// ServeHTTP receives one webhook.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "webhooks are sent by POST", http.StatusMethodNotAllowed)
		return
	}
	if !r.verify.headers(q.Header) {
		refuse(w)
		return
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-q.Context().Done():
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, r.config.BodyBytes))
	switch {
	case isTooLong(err): // it may be authentic
		w.WriteHeader(http.StatusOK)
		return
	case err != nil:
		http.Error(w, "the body ended early", http.StatusBadRequest)
		return
	}
	first, authentic := r.verify.body(q.Header, body)
	if !authentic {
		refuse(w)
		return
	}
	if e, ok := parse(body); ok && first {
		r.config.Received(e)
	}
	w.WriteHeader(http.StatusOK)
}

func refuse(w http.ResponseWriter) {
	http.Error(w, "the webhook is not authentic", http.StatusUnauthorized)
}

func isTooLong(err error) bool {
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	return tooLong
}

// parse reads what has changed from the body of an event; false if the event is of another kind, or
// was reshaped by a template.
func parse(body []byte) (Event, bool) {
	var event struct {
		Kind       string `json:"object_kind"`
		ProjectID  int64  `json:"project_id"`
		PipelineID int64  `json:"pipeline_id"`
		BuildID    int64  `json:"build_id"`
		Project    struct {
			ID int64 `json:"id"`
		} `json:"project"`
		Attributes struct {
			ID int64 `json:"id"`
		} `json:"object_attributes"`
	}
	if json.Unmarshal(body, &event) != nil {
		return Event{}, false
	}
	e := Event{}
	switch event.Kind {
	case "build":
		e = Event{Project: event.ProjectID, Pipeline: event.PipelineID, Job: event.BuildID}
	case "pipeline":
		e = Event{Project: event.Project.ID, Pipeline: event.Attributes.ID}
	}
	return e, e.Project > 0 && e.Pipeline+e.Job > 0
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// result is a job that has ended.
type result struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Status        string `json:"status"`
	FailureReason string `json:"failureReason,omitempty"`
}

// problem is why there is none. Code is one of the gateway's.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (p problem) Error() string { return p.Code + ": " + p.Message }

// run plays the job that the request names and answers with how it ended:
//
//	curl -X POST -H "PRIVATE-TOKEN: $TOKEN" 'http://127.0.0.1:8090/run?job=gid://gitlab/Project/1/Job/7'
func run(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g := gateway{endpoint, credential(r.Header)}
		ended, err := playAndWait(r.Context(), g, r.FormValue("job"))
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusOK, ended)
	}
}

// playAndWait plays a job and returns it when it has ended.
func playAndWait(ctx context.Context, g gateway, id string) (result, error) {
	played, err := Play(ctx, g, id)
	if err != nil {
		return result{}, err
	}
	if played.JobPlay == nil {
		return result{}, errors.New("the gateway answered neither data nor an error")
	}
	for _, e := range played.JobPlay.UserErrors {
		return result{}, problem{e.Code, e.Message}
	}
	// A job that had ended is run again as a new one, which has an ID of its own.
	return g.wait(ctx, played.JobPlay.Job.GetId())
}

// statuses are the HTTP statuses of the gateway's codes. What the state of a job does not allow is
// a conflict.
var statuses = map[string]int{
	"UNAUTHENTICATED":       http.StatusUnauthorized,
	"TOKEN_READ_ONLY":       http.StatusUnauthorized,
	"FORBIDDEN":             http.StatusForbidden,
	"NOT_FOUND":             http.StatusNotFound,
	"BAD_USER_INPUT":        http.StatusBadRequest,
	"RATE_LIMITED":          http.StatusTooManyRequests,
	"UPSTREAM_TIMEOUT":      http.StatusGatewayTimeout,
	"ARCHIVED_OR_FORBIDDEN": http.StatusForbidden,
	"NOT_PLAYABLE":          http.StatusConflict,
	"CONFLICT":              http.StatusConflict,
	"OUTCOME_UNKNOWN":       http.StatusBadGateway,
	"SERVER_OVERLOADED":     http.StatusServiceUnavailable,
	"UPSTREAM_INVALID":      http.StatusBadGateway,
	"UPSTREAM_UNAVAILABLE":  http.StatusBadGateway,
}

// refuse answers with the gateway's own code and sentence. Other errors are logged,
// and the caller does not see their text.
func refuse(w http.ResponseWriter, err error) {
	p := problem{"BAD_GATEWAY", "the gateway could not be reached"}
	var list gqlerror.List
	switch {
	case errors.As(err, &p):
	case errors.As(err, &list) && len(list) > 0:
		code, _ := list[0].Extensions["code"].(string)
		p = problem{code, list[0].Message}
	default:
		log.Print(err)
	}
	status, known := statuses[p.Code]
	if !known {
		status = http.StatusBadGateway
	}
	answer(w, status, p)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err) // the caller has gone
	}
}

package admission

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jobgraph/internal/caller"
	"jobgraph/restclient"
)

func callerContext(token string) context.Context {
	return caller.With(context.Background(), caller.Caller{
		Credential: restclient.Credential{Header: restclient.HeaderPrivateToken, Value: token},
	})
}

func TestStreamsAreBoundedPerCallerAndInAll(t *testing.T) {
	s := NewStreams(StreamLimits{Caller: 2, Total: 3})
	var leaves []func()
	admit := func(token, wantLimit string) {
		t.Helper()
		leave, refused := s.Admit(callerContext(token))
		switch {
		case wantLimit == "" && refused == nil:
			leaves = append(leaves, leave)
		case wantLimit == "" || refused == nil || refused.Extensions["limit"] != wantLimit:
			t.Errorf("%s: %v, want %q", token, refused, wantLimit)
		}
	}
	admit("a", "")
	admit("a", "")
	admit("a", "streams-per-caller")
	admit("b", "")
	admit("c", "streams")
	leaves[0]()
	leaves[0]() // once only
	admit("c", "")
	admit("b", "streams")
	for _, leave := range leaves {
		leave()
	}
	if s.Open() != 0 || len(s.callers) != 0 {
		t.Errorf("%d open, %d callers are kept", s.Open(), len(s.callers))
	}
}

func TestAStreamIsNoRequestInFlight(t *testing.T) {
	s, g := NewStreams(StreamLimits{}), New(Limits{InFlight: 1}, time.Now, nil)
	admitted := func(accept string) int {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil).WithContext(callerContext("a"))
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		g.Guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			leave, refused := s.Admit(r.Context())
			if refused != nil {
				t.Fatal(refused)
			}
			defer leave()
			again, refused := g.Admit(callerContext("a"))
			if refused != nil {
				w.Code = http.StatusTooManyRequests
				return
			}
			again()
		})).ServeHTTP(w, r)
		return w.Code
	}
	if code := admitted("text/event-stream"); code != http.StatusOK {
		t.Errorf("while a stream is open: %d", code)
	}
	if code := admitted("application/json"); code != http.StatusTooManyRequests {
		t.Errorf("while a request is in flight: %d", code)
	}
}

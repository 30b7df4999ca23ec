package harness

import (
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Identity is a caller: a token in one of the headers that carry one. The same token in another
// header is another caller.
type Identity struct{ Header, Token string }

func Identities() []Identity {
	all := make([]Identity, 0, 9)
	for i := range 3 {
		token := fmt.Sprintf("glpat-secret-%d", i)
		all = append(all, Identity{"PRIVATE-TOKEN", token}, Identity{"Authorization", "Bearer " + token}, Identity{"JOB-TOKEN", token})
	}
	return all
}

// Mark stands in all that the upstream answers to an Identity, and in nothing else; it does not
// contain the token.
func (i Identity) Mark() string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.Header + ": " + i.Token))
	return fmt.Sprintf("m%016x", h.Sum64())
}

var AnyMark = regexp.MustCompile(`m[0-9a-f]{16}`)

// Refuses reports whether the upstream keeps a project from this identity.
func (i Identity) Refuses(project string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(i.Mark() + project))
	return h.Sum64()%4 == 0
}

// mirror is an upstream that answers with its caller's own mark.
type mirror struct{ shuffle *shuffle }

// Mirror returns an upstream that answers every list with its caller's own mark, in an order that
// chance decides. It works until the test ends.
func Mirror(t testing.TB, seed uint64) http.Handler { return mirror{newShuffle(t, seed)} }

func (m mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := Identity{}
	for _, header := range []string{"PRIVATE-TOKEN", "Authorization", "JOB-TOKEN"} {
		if token := r.Header.Get(header); token != "" {
			caller = Identity{header, token}
		}
	}
	m.shuffle.wait()
	w.Header().Set("Content-Type", "application/json")
	project := strings.Split(r.URL.Path, "/")[4]
	if caller.Refuses(project) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"message":"403 Forbidden - %s"}`, caller.Mark())
		return
	}
	rows := make([]string, 3)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"name":"%s of %s #%[1]d","stage":"test","status":"success","ref":"main","created_at":"2026-03-02T11:00:00.000Z","web_url":"http://h","pipeline":{"id":7,"project_id":%[3]s}}`, 9-i, caller.Mark(), project)
	}
	if strings.HasSuffix(r.URL.Path, "/trigger_jobs") {
		rows = nil
	}
	_, _ = io.WriteString(w, "["+strings.Join(rows, ",")+"]")
}

// shuffle lets those who wait go one by one, in any order.
type shuffle struct {
	mu      sync.Mutex
	random  *rand.Rand
	waiting []chan struct{}
	come    chan struct{}
}

// newShuffle shuffles until the test ends.
func newShuffle(t testing.TB, seed uint64) *shuffle {
	s := &shuffle{random: rand.New(rand.NewPCG(seed, 0)), come: make(chan struct{}, 1024)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range s.come {
			s.release()
		}
	}()
	t.Cleanup(func() { close(s.come); <-done })
	return s
}

func (s *shuffle) wait() {
	mine := make(chan struct{})
	s.mu.Lock()
	s.waiting = append(s.waiting, mine)
	s.mu.Unlock()
	s.come <- struct{}{}
	<-mine
}

func (s *shuffle) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, last := s.random.IntN(len(s.waiting)), len(s.waiting)-1
	close(s.waiting[i])
	s.waiting[i] = s.waiting[last]
	s.waiting = s.waiting[:last]
}

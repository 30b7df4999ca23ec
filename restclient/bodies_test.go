package restclient

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A body is read into memory that was released, and into no other.
func TestReleasedMemoryIsUsedAgain(t *testing.T) {
	n := 0
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		body := fmt.Sprintf(`{"id":%d,"name":"%s"}`, n, strings.Repeat("x", 3000-10*(n%2)))
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		answer(w, http.StatusOK, body)
	})
	fetch := func(ctx context.Context) *Response {
		t.Helper()
		response, err := c.Fetch(ctx, Credential{}, "/projects/1/jobs/7")
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`{"id":%d,`, n); !strings.HasPrefix(string(response.Body), want) {
			t.Errorf("the body is %.20s, want %s", response.Body, want)
		}
		return response
	}
	for range 100 { // a pool may drop what it has
		first := fetch(Releasing(t.Context()))
		memory := &first.Body[0]
		fetch(t.Context()).Release() // which did not say so before
		kept, held := fetch(Releasing(t.Context())), n
		if &kept.Body[0] == memory {
			t.Fatal("memory was used again that was not released")
		}
		first.Release()
		first.Release()
		again := fetch(Releasing(t.Context()))
		if !strings.HasPrefix(string(kept.Body), fmt.Sprintf(`{"id":%d,`, held)) {
			t.Fatal("a body has changed that was not released")
		}
		if first.Body == nil && &again.Body[0] == memory {
			return
		}
	}
	t.Error("released memory is never used again")
}

func TestSharedResponsesAreNotReleased(t *testing.T) {
	released := 0
	response := &Response{Body: []byte("{}")}
	response.Lend(func([]byte) { released++ })
	shared := response.Shared()
	shared.Release()
	if released != 0 || string(shared.Body) != "{}" || (*Response)(nil).Shared() != nil {
		t.Error("a shared response was released")
	}
	response.Release()
	if released != 1 || response.Body != nil {
		t.Error("the response was not released")
	}
}

func TestBodiesOfEachSizeHaveAClass(t *testing.T) {
	for _, size := range bodySizes {
		class, ok := bodyClass(int64(size))
		if !ok || bodySizes[class] != size {
			t.Errorf("%d bytes are of class %d, %v", size, class, ok)
		}
	}
	for _, size := range []int64{0, 100, 512<<10 + 1} {
		if _, ok := bodyClass(size); ok {
			t.Errorf("%d bytes have a class", size)
		}
	}
}

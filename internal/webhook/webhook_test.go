package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	noon     = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	key      = []byte("thirty-two bytes of a signing key")
	signing  = signingPrefix + base64.StdEncoding.EncodeToString(key)
	jobEvent = `{"object_kind":"build","build_id":61,"pipeline_id":6,"project_id":1,"build_status":"success"}`
)

// receiver returns a receiver and the events that it has received.
func receiver(t *testing.T, secret string) (*Receiver, *[]Event) {
	t.Helper()
	events := &[]Event{}
	r, err := New(Config{Secret: secret, BodyBytes: 1000, Now: func() time.Time { return noon },
		Received: func(e Event) { *events = append(*events, e) }})
	if err != nil {
		t.Fatal(err)
	}
	return r, events
}

func send(r *Receiver, header http.Header, body string) int {
	q := httptest.NewRequest(http.MethodPost, "/webhooks/gitlab", strings.NewReader(body))
	q.Header = header
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Code
}

// signed returns the headers of a signed event.
func signed(id string, at time.Time, body string) http.Header {
	h := http.Header{}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", timestamp)
	h.Set("webhook-signature", "v1,bm90IHRoaXMgb25l v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return h
}

func TestASecretTokenIsRequired(t *testing.T) {
	r, events := receiver(t, "secret")
	for _, wrong := range []http.Header{{}, {"X-Gitlab-Token": {"Secret"}}, {"X-Gitlab-Token": {"secret "}}, {"X-Gitlab-Token": {""}}} {
		if code := send(r, wrong, jobEvent); code != http.StatusUnauthorized {
			t.Errorf("%v: %d", wrong, code)
		}
	}
	if code := send(r, http.Header{"X-Gitlab-Token": {"secret"}}, jobEvent); code != http.StatusOK {
		t.Errorf("the right one: %d", code)
	}
	if len(*events) != 1 || (*events)[0] != (Event{Project: 1, Pipeline: 6, Job: 61}) {
		t.Errorf("%v", *events)
	}
}

func TestASignatureIsVerified(t *testing.T) {
	r, events := receiver(t, signing)
	other := signed("a", noon, jobEvent)
	other.Set("webhook-id", "b")
	unsigned := signed("a", noon, jobEvent)
	unsigned.Del("webhook-signature")
	for name, h := range map[string]http.Header{
		"none": {}, "of the token": {"X-Gitlab-Token": {signing}}, "of another ID": other, "missing": unsigned,
		"of another body": signed("a", noon, "{}"),
		"too old":         signed("a", noon.Add(-window-time.Second), jobEvent),
		"of the future":   signed("a", noon.Add(window+time.Second), jobEvent),
	} {
		if code := send(r, h, jobEvent); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	if len(*events) != 0 {
		t.Errorf("%v", *events)
	}
	for _, at := range []time.Time{noon, noon.Add(-window), noon.Add(window)} {
		if code := send(r, signed(at.String(), at, jobEvent), jobEvent); code != http.StatusOK {
			t.Errorf("at %v: %d", at, code)
		}
	}
	if len(*events) != 3 {
		t.Errorf("%v", *events)
	}
}

func TestASignedEventThatIsTooLongIsAcceptedAndDropped(t *testing.T) {
	r, events := receiver(t, signing)
	long := `{"object_kind":"build","build_id":61,"project_id":1,"pad":"` + strings.Repeat("x", 2000) + `"}`
	if code := send(r, signed("a", noon, long), long); code != http.StatusOK || len(*events) != 0 {
		t.Errorf("%d %v", code, *events)
	}
}

func TestAReplayIsAcceptedAndDropped(t *testing.T) {
	r, events := receiver(t, signing)
	for range 3 {
		if code := send(r, signed("a", noon, jobEvent), jobEvent); code != http.StatusOK {
			t.Errorf("%d", code)
		}
	}
	if len(*events) != 1 {
		t.Errorf("%v", *events)
	}
}

// A 4xx would make GitLab switch the hook off for good.
func TestWhateverIsAuthenticIsAccepted(t *testing.T) {
	r, events := receiver(t, "secret")
	for _, body := range []string{
		"", "{", "null", "[]", `"build"`, `{"object_kind":"push"}`, `{"object_kind":"build"}`, `{"object_kind":"build","project_id":-1,"build_id":7}`,
		`{"object_kind":"pipeline","object_attributes":{"id":"six"}}`, strings.Repeat("x", 2000), `{"object_kind":"build","build_id":61,"pad":"` + strings.Repeat("x", 2000) + `"}`,
	} {
		if code := send(r, http.Header{"X-Gitlab-Token": {"secret"}}, body); code != http.StatusOK {
			t.Errorf("%.60s: %d", body, code)
		}
	}
	if len(*events) != 0 {
		t.Errorf("%v", *events)
	}
	send(r, http.Header{"X-Gitlab-Token": {"secret"}}, `{"object_kind":"pipeline","object_attributes":{"id":6},"project":{"id":1}}`)
	if len(*events) != 1 || (*events)[0] != (Event{Project: 1, Pipeline: 6}) {
		t.Errorf("%v", *events)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	s := newSeen(100)
	for i := range 1000 {
		if !s.add(strconv.Itoa(i), noon) {
			t.Fatalf("%d is new", i)
		}
	}
	if len(s.ids) > 100 || len(s.order) > 100 {
		t.Errorf("%d IDs are remembered", len(s.ids))
	}
	s.add("later", noon.Add(3*window))
	if len(s.ids) != 1 {
		t.Errorf("%d IDs are remembered after their time", len(s.ids))
	}
}

func TestASecretThatCannotWorkIsAnError(t *testing.T) {
	for _, secret := range []string{"", "whsec_", "whsec_not base64"} {
		if _, err := New(Config{Secret: secret}); err == nil {
			t.Errorf("%q is accepted", secret)
		}
	}
}

package fakegitlab

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// send sends an event once, unless the hook is disabled.
func (w *Webhook) send(e HookEvent) {
	w.mu.Lock()
	skip := w.closed || w.off()
	if skip {
		w.lost++
	}
	w.mu.Unlock()
	if skip {
		return
	}
	status := w.post(e)
	w.locked(func() { w.record(HookDelivery{e, status}) })
}

// post sends the request and returns the status of the response, or zero if there was none.
func (w *Webhook) post(e HookEvent) int {
	r, err := http.NewRequest(http.MethodPost, w.hook.URL, bytes.NewReader(e.Body))
	if err != nil {
		return 0
	}
	r.Header = w.header(e)
	response, err := w.client.Do(r)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxBody) // so that the connection can be reused
	return response.StatusCode
}

func (w *Webhook) header(e HookEvent) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitLab/19.2.0")
	h.Set("X-Gitlab-Event", e.Event)
	h.Set("X-Gitlab-Event-UUID", e.ID)
	h.Set("X-Gitlab-Webhook-UUID", fakeUUID(w.hook.URL))
	h.Set("X-Gitlab-Instance", w.server.externalURL())
	h.Set("Idempotency-Key", e.ID)
	if w.hook.Token != "" {
		h.Set("X-Gitlab-Token", w.hook.Token)
	}
	if w.hook.SigningSecret != "" {
		timestamp := strconv.FormatInt(w.server.options.Now().Unix(), 10)
		h.Set("Webhook-Id", e.ID)
		h.Set("Webhook-Timestamp", timestamp)
		h.Set("Webhook-Signature", sign(w.hook.SigningSecret, e.ID, timestamp, e.Body))
	}
	return h
}

// sign returns the signature that the Standard Webhooks specification defines. The key is the
// base64 after "whsec_".
func sign(secret, id, timestamp string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		panic("fakegitlab: the signing secret of a hook is not whsec_ and base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// record stores an attempt and disables the hook as GitLab does: after four consecutive failures
// for a minute, then for twice as long each time, up to a day. If the fourth or a later failure is
// a 4xx, it is disabled permanently.
func (w *Webhook) record(d HookDelivery) {
	if len(w.deliveries) >= maxDeliveries {
		w.deliveries = append([]HookDelivery(nil), w.deliveries[maxDeliveries/2:]...)
	}
	w.deliveries = append(w.deliveries, d)
	if d.Status >= 200 && d.Status < 300 {
		w.failures, w.pause = 0, 0
		return
	}
	if w.failures++; w.failures < failuresToOff {
		return
	}
	if d.Status >= 400 && d.Status < 500 {
		w.offForGood = true
		return
	}
	w.pause = min(longestPause, max(firstPause, 2*w.pause))
	w.offUntil = w.server.options.Now().Add(w.pause)
}

// fakeUUID returns a UUID that depends only on the name.
func fakeUUID(name string) string {
	sum := sha256.Sum256([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // version 4, variant 1
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// verifier decides whether a webhook is authentic.
type verifier interface {
	// headers reports whether it can be authentic by its headers.
	headers(http.Header) bool
	// body reports whether it is authentic by its body. First is false for an event that was received
	// before.
	body(h http.Header, body []byte) (first, authentic bool)
}

// signingPrefix begins the signing secrets of Standard Webhooks.
const signingPrefix = "whsec_"

func newVerifier(secret string, now func() time.Time) (verifier, error) {
	encoded, signing := strings.CutPrefix(secret, signingPrefix)
	if !signing {
		if secret == "" {
			return nil, errors.New("the webhook secret is empty")
		}
		return token(sha256.Sum256([]byte(secret))), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) == 0 {
		return nil, errors.New("the webhook secret begins with " + signingPrefix + " but is not Base64 after it")
	}
	return &signature{key: key, now: now, seen: newSeen(maxSeen)}, nil
}

// token is the hash of a secret token, which GitLab sends as it is.
type token [sha256.Size]byte

// headers compares hashes, so that the time taken reveals neither the token nor its length.
func (t token) headers(h http.Header) bool {
	sent := sha256.Sum256([]byte(h.Get("X-Gitlab-Token")))
	return subtle.ConstantTimeCompare(sent[:], t[:]) == 1
}

func (t token) body(http.Header, []byte) (first, authentic bool) { return true, true }

// The window of accepted timestamps, and the number of events in it whose IDs are kept.
const (
	window  = 5 * time.Minute
	maxSeen = 10_000
)

// signature verifies Standard Webhooks signatures.
type signature struct {
	key  []byte
	now  func() time.Time
	seen *seen
}

func (s *signature) headers(h http.Header) bool {
	seconds, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || h.Get("webhook-id") == "" || len(h.Get("webhook-id")) > maxID {
		return false
	}
	age := s.now().Sub(time.Unix(seconds, 0))
	return age <= window && age >= -window
}

// maxID bounds the length of a webhook-id, because IDs are kept.
const maxID = 256

func (s *signature) body(h http.Header, body []byte) (first, authentic bool) {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	for _, sent := range strings.Fields(h.Get("webhook-signature")) {
		encoded, v1 := strings.CutPrefix(sent, "v1,")
		sum, err := base64.StdEncoding.DecodeString(encoded)
		if v1 && err == nil && hmac.Equal(sum, want) {
			return s.seen.add(h.Get("webhook-id"), s.now()), true
		}
	}
	return false, false
}

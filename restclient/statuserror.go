package restclient

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on what an error answer is read for.
const (
	maxErrorBody  = 64 << 10
	maxSentence   = 500            // bytes; a longer text is a page
	maxRetryAfter = 24 * time.Hour // a longer wait is of no use, and would overflow in sums
)

// statusError makes the error of an answer whose status is one.
func (c *Client) statusError(answer *http.Response, cred Credential) error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxErrorBody))
	shape := parseError(body)
	return &Error{
		Status:     answer.StatusCode,
		Message:    c.sentence(answer.StatusCode, shape.text(), cred),
		RetryAfter: retryAfter(answer.StatusCode, answer.Header, c.now()),
		cause:      strings.Join(strings.FieldsFunc(shape.text(), isBreak), " "),
		unknownRoute: answer.StatusCode == http.StatusNotFound &&
			(shape.Message == nil && flatten(shape.Error, 0) != "" || !isFromGitLab(answer.Header)),
	}
}

// isFromGitLab reports whether an answer was made by GitLab's API, which sends these headers with
// each of its own (JOBS_API.md, section 6). Without them, a server in between has answered by
// itself.
func isFromGitLab(h http.Header) bool {
	return h.Get("X-Request-Id") != "" || h.Get("X-Runtime") != "" || h.Get("X-Gitlab-Meta") != ""
}

// sentence returns the message of an error of GitLab, without what callers must not see. It is a
// general sentence for the status if GitLab sends none that they may see, and from 500 on: those
// texts come from a fault, or from a server in between, and may show internal details of either.
func (c *Client) sentence(status int, text string, cred Credential) string {
	if status >= http.StatusInternalServerError {
		return "GitLab answered " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status))
	}
	text = strings.Join(strings.FieldsFunc(text, isBreak), " ")
	switch {
	case text == "", len(text) > maxSentence, !utf8.ValidString(text),
		cred.Value != "" && strings.Contains(text, strings.TrimPrefix(cred.Value, "Bearer ")):
		return generalSentence(status)
	}
	return c.hideAddresses(text)
}

func isBreak(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func generalSentence(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "status " + strconv.Itoa(status)
}

// hideAddresses takes URLs and the upstream's own host out of a sentence.
func (c *Client) hideAddresses(text string) string {
	host := c.base.Hostname()
	if !strings.ContainsAny(host, ".:") {
		host = c.base.Host // a bare name may be a word of the sentence, as "gitlab" is: its port tells them apart
	}
	words := strings.Split(text, " ")
	for i, word := range words {
		if strings.Contains(word, "://") || strings.ContainsAny(host, ".:") && strings.Contains(word, host) {
			words[i] = "[address]"
		}
	}
	return strings.Join(words, " ")
}

// errorShape is an error body in any of the shapes that GitLab's errors have.
type errorShape struct {
	Message     json.RawMessage `json:"message"` // a string, or an object or list of strings
	Error       json.RawMessage `json:"error"`
	Description json.RawMessage `json:"error_description"`
	plain       string
}

func parseError(body []byte) (shape errorShape) {
	if json.Unmarshal(body, &shape) == nil {
		return shape
	}
	plain := strings.TrimSpace(string(body))
	if plain == "" || strings.ContainsRune(`{["<`, rune(plain[0])) {
		return errorShape{} // broken JSON, or a page
	}
	return errorShape{plain: plain}
}

// text returns the sentence, or "".
func (s *errorShape) text() string {
	for _, value := range []json.RawMessage{s.Message, s.Description, s.Error} {
		if text := flatten(value, 0); text != "" {
			return text
		}
	}
	return s.plain
}

// maxFlatten is how deep an error's message may nest; GitLab's validation errors are an object of
// lists.
const maxFlatten = 4

// flatten joins the strings of a message. The keys of an object name what is wrong, apart from
// those that only say that something is.
func flatten(value json.RawMessage, depth int) string {
	var decoded any
	if len(value) == 0 || json.Unmarshal(value, &decoded) != nil {
		return ""
	}
	return flattenValue(decoded, depth)
}

func flattenValue(value any, depth int) string {
	if depth > maxFlatten {
		return ""
	}
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	switch value := value.(type) {
	case string:
		return value
	case []any:
		for _, element := range value {
			add(flattenValue(element, depth+1))
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			text := flattenValue(value[key], depth+1)
			if text != "" && key != "error" && key != "message" && key != "base" {
				text = key + " " + text
			}
			add(text)
		}
	}
	return strings.Join(parts, ", ")
}

// retryAfter is how long the upstream asks to wait: Retry-After in seconds or as a date, or else
// the end of GitLab's rate limit window. 0 where it does not ask, or the time is over.
func retryAfter(status int, h http.Header, now time.Time) time.Duration {
	if value := h.Get("Retry-After"); value != "" {
		if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
			return boundWait(seconds)
		}
		if date, err := http.ParseTime(value); err == nil {
			return min(max(0, date.Sub(now)), maxRetryAfter)
		}
	}
	reset, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64)
	if err != nil || status != http.StatusTooManyRequests {
		return 0
	}
	return boundWait(reset - now.Unix())
}

func boundWait(seconds int64) time.Duration {
	return time.Duration(min(max(0, seconds), int64(maxRetryAfter/time.Second))) * time.Second
}

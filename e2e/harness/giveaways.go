package harness

import (
	"net"
	"regexp"
	"strings"
)

// internals are words that stand in the program only.
var internals = regexp.MustCompile(`goroutine \d|\.go:\d|\*?restclient\.|\*?json\.|\*?url\.Error|\*?net\.|jobgraph/|` +
	`runtime error|dial tcp|read tcp|write tcp|0x[0-9a-f]{6,}|/api/v4|invalid character|unexpected end of JSON|` +
	`context deadline exceeded|context canceled|connection re`)

// Giveaways returns the secrets that a text contains: tokens, their beginnings, the upstream's
// address, internals.
func Giveaways(text, upstream string) []string {
	found := append(internals.FindAllString(text, -1), Tokens(text)...)
	_, port, _ := net.SplitHostPort(upstream)
	for _, secret := range []string{upstream, ":" + port} {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

// Tokens returns the tokens, and beginnings of tokens, that a text tells. An operator's log has the
// causes of failures, addresses included, but none of these.
func Tokens(text string) (found []string) {
	for _, secret := range []string{
		MaintainerToken, AdminToken, GuestToken, ReadOnlyToken, RevokedToken, JobToken,
		MaintainerToken[:12], JobToken[:12],
	} {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

package graphqlhttp

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/rs/cors"
)

// preflightAge is how long browsers may remember what a preflight said; some of them do so for two hours at most.
const preflightAge = 2 * time.Hour

// origin is what may be listed: scheme, host and port, where * may stand for the names below a domain or for the port. In any other place it
// would match hosts of strangers.
var origin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://(\*\.)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)(:(\d+|\*))?$`)

// CORS lets pages of the listed origins, separated by commas, call next with the given headers. None listed is none allowed. A wildcard for
// every origin is refused, as is whatever is no origin.
func CORS(origins string, headers []string, next http.Handler) (http.Handler, error) {
	if origins == "" {
		return next, nil
	}
	list := strings.Split(origins, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
		if !origin.MatchString(list[i]) {
			return nil, fmt.Errorf("%q is no origin; list them as https://app.example.com, https://*.example.com or http://localhost:*", list[i])
		}
	}
	return cors.New(cors.Options{
		AllowedOrigins: list,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: append([]string{"Content-Type", "Accept"}, headers...),
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         int(preflightAge.Seconds()),
	}).Handler(next), nil
}

package graphqlhttp

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/rs/cors"

	"jobgraph/internal/requestid"
)

// preflightAge is how long browsers may cache a preflight; some cap it at two hours.
const preflightAge = 2 * time.Hour

// origin is what may be listed: scheme, host and port, where * may stand for the names below a
// domain or for the port. In any other place it would match hosts of others.
var origin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://(\*\.)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)(:(\d+|\*))?$`)

// Origins are the origins whose pages a browser lets call the gateway.
type Origins struct{ cors *cors.Cors } // nil where none is listed

// ParseOrigins reads a comma-separated list of origins, in whose names one * may stand for
// subdomains or for the port. A wildcard for every origin is refused, as is whatever is no origin.
// Headers are those that pages may send.
func ParseOrigins(list string, headers []string) (Origins, error) {
	if list == "" {
		return Origins{}, nil
	}
	origins := strings.Split(list, ",")
	for i := range origins {
		origins[i] = strings.TrimSpace(origins[i])
		if !origin.MatchString(origins[i]) {
			return Origins{}, fmt.Errorf("%q is no origin; list them as https://app.example.com, "+
				"https://*.example.com or http://localhost:*", origins[i])
		}
	}
	return Origins{cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: append([]string{"Content-Type", "Accept"}, headers...),
		ExposedHeaders: []string{"Retry-After", requestid.Header},
		MaxAge:         int(preflightAge.Seconds()),
	})}, nil
}

// Handler lets pages of the origins call next.
func (o Origins) Handler(next http.Handler) http.Handler {
	if o.cors == nil {
		return next
	}
	return o.cors.Handler(next)
}

// Allow reports whether a request comes from no page, from a page of the gateway's own, or from a
// page of the origins.
func (o Origins) Allow(r *http.Request) bool {
	from := r.Header.Get("Origin")
	if from == "" {
		return true
	}
	if at, err := url.Parse(from); err == nil && strings.EqualFold(at.Host, r.Host) {
		return true
	}
	return o.cors != nil && o.cors.OriginAllowed(r)
}

package admission

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/internal/telemetry"
)

// Hosts are the allowed host names of requests. They prevent DNS rebinding: a foreign page whose
// name resolves to this machine has the same origin for the browser, but its requests carry that
// name.
type Hosts struct {
	names    map[string]bool
	loopback bool // names and addresses of the loopback are allowed
	any      bool
}

var hostName = regexp.MustCompile(`^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[?[0-9a-fA-F:.]+\]?)$`)

// ParseHosts reads a comma-separated list of names. Without one, a server that serves on the
// loopback allows the loopback's names, and any other server allows every name.
func ParseHosts(list, addr string) (Hosts, error) {
	h := Hosts{names: map[string]bool{}, loopback: isLoopback(hostOf(addr))}
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if !hostName.MatchString(part) {
			return Hosts{}, fmt.Errorf("%q is no host name; list them as gateway.example.com", part)
		}
		h.names[canonicalHost(part)] = true
	}
	h.any = len(h.names) == 0 && !h.loopback
	return h, nil
}

// Any reports whether every name is allowed.
func (h Hosts) Any() bool { return h.any }

// Guard answers 421 to requests for other names. Health checks are exempt, because probes call them
// by address.
func (h Hosts) Guard(recorder *telemetry.Recorder, next http.Handler) http.Handler {
	if h.any {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.allow(r.Host) && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			refuse(w, r, recorder, http.StatusMisdirectedRequest, &gqlerror.Error{
				Message:    "this host name is not served here; see -allowed-hosts",
				Extensions: map[string]any{"code": errcode.BadRequest},
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (h Hosts) allow(hostport string) bool {
	host := hostOf(hostport)
	return h.names[host] || h.loopback && isLoopback(host)
}

// hostOf returns the host of host:port, or of a host alone.
func hostOf(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return canonicalHost(host)
	}
	return canonicalHost(hostport)
}

func canonicalHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func isLoopback(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// SameSite refuses what a browser sends for a page of another site (Fetch Metadata), unless allowed
// says that its origin is listed. Following a link to one of the gateway's own pages is allowed.
func SameSite(allowed func(*http.Request) bool, recorder *telemetry.Recorder, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" && !isNavigation(r) && (r.Header.Get("Origin") == "" || !allowed(r)) {
			refuse(w, r, recorder, http.StatusForbidden, &gqlerror.Error{
				Message:    "pages of other sites may not call this; see -cors-origins",
				Extensions: map[string]any{"code": errcode.BadRequest},
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isNavigation reports whether the request is for a page, and the browser will show it by itself.
func isNavigation(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path != "/graphql" && !strings.HasPrefix(r.URL.Path, "/graphql/") &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"jobgraph/internal/config"
)

// healthTime is how long a health check waits for its answer.
const healthTime = 3 * time.Second

// checkHealth asks the gateway that runs with the same settings on this machine whether it is
// alive. A container without a shell has no other way to ask.
func checkHealth(ctx context.Context, c config.Config) error {
	address := c.Addr
	if c.MetricsAddr != "" {
		address = c.MetricsAddr
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("health: /healthz answered %s", response.Status)
	}
	return nil
}

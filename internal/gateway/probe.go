package gateway

import (
	"context"
	"log/slog"
	"time"

	"jobgraph/internal/config"
	"jobgraph/restclient"
)

// probeTimeout bounds the call that asks GitLab for its release.
const probeTimeout = 5 * time.Second

// probe returns a summary of GitLab for the operator: whether it can be reached, whether its
// certificate is trusted, and its release if it discloses that.
func probe(ctx context.Context, c config.Config, client *restclient.Client) (found string, usable bool) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var token restclient.Credential
	if c.GitLabToken != "" {
		token = restclient.Credential{Header: restclient.HeaderPrivateToken, Value: c.GitLabToken}
	}
	release, err := client.Probe(ctx, token)
	switch {
	case err != nil:
		return "GitLab cannot be used: " + err.Error(), false
	case release == "":
		return "GitLab answers, and does not tell its release", true
	}
	return "GitLab answers, release " + release, true
}

// logProbe logs the result of probe.
func logProbe(ctx context.Context, c config.Config, client *restclient.Client, log *slog.Logger) {
	found, usable := probe(ctx, c, client)
	switch {
	case ctx.Err() != nil:
	case usable:
		log.InfoContext(ctx, found, "url", c.GitLabURL)
	default:
		log.WarnContext(ctx, found, "url", c.GitLabURL)
	}
}

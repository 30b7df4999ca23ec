package restclient

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// The list of a pipeline's trigger jobs has two names. GitLab 19.2 added trigger_jobs and
// deprecated bridges; earlier releases have bridges only. [PipelineBridges] uses the new name, and
// the client finds out once which name its instance supports.
const (
	triggerJobs = "/trigger_jobs"
	bridges     = "/bridges"
)

// relearn is how long an instance is treated as an older release. Then one call tries the new name
// again, because the instance may have been upgraded.
const relearn = time.Hour

// triggerNames records which name the instance supports.
type triggerNames struct {
	oldUntil atomic.Int64 // Unix nanoseconds: until then, the old name is tried first
}

func (n *triggerNames) isOld(now time.Time) bool { return now.UnixNano() < n.oldUntil.Load() }

func (n *triggerNames) learn(old bool, now time.Time) {
	if old {
		n.oldUntil.Store(now.Add(relearn).UnixNano())
	} else {
		n.oldUntil.Store(0)
	}
}

// runList makes the call for a list of trigger jobs with the name that the instance is expected to
// support, and with the other one only if the first is an unknown route.
func (c *Client) runList(ctx context.Context, list *call) outcome {
	old := c.names.isOld(c.now())
	first := c.runAs(ctx, list, old)
	if !isUnknownRoute(first.err) {
		return first
	}
	second := c.runAs(ctx, list, !old)
	if isUnknownRoute(second.err) {
		return first
	}
	if isGitLabs(second.err) {
		c.names.learn(!old, c.now())
	}
	return second
}

// runAs makes the call by the new or the old name. Its answer names the next page by the new one.
func (c *Client) runAs(ctx context.Context, list *call, old bool) outcome {
	named := *list
	if !old {
		return c.run(ctx, &named)
	}
	named.path = rename(list.path, triggerJobs, bridges)
	result := c.run(ctx, &named)
	if result.response != nil && result.response.Page.NextPath != "" {
		result.response.Page.NextPath = rename(result.response.Page.NextPath, bridges, triggerJobs)
	}
	return result
}

// isTriggerJobs reports whether path is a pipeline's list of trigger jobs by its new name.
func isTriggerJobs(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return strings.HasSuffix(path, triggerJobs)
}

// rename replaces the name at the end of a path with a query.
func rename(path, from, to string) string {
	path, query, found := strings.Cut(path, "?")
	path = strings.TrimSuffix(path, from) + to
	if found {
		path += "?" + query
	}
	return path
}

// isUnknownRoute reports whether the answer means that there is no such endpoint. It comes from
// GitLab, whose 404 for a missing project or pipeline has another form, or from a server in front
// of it that forwards a list of routes only.
func isUnknownRoute(err error) bool {
	status, ok := errors.AsType[*Error](err)
	return ok && status.unknownRoute
}

// isGitLabs reports whether a call was answered by GitLab's code for its route: with success, or
// with an error about the caller or the thing asked for.
func isGitLabs(err error) bool {
	if err == nil {
		return true
	}
	status, ok := errors.AsType[*Error](err)
	return ok && status.Status < http.StatusInternalServerError && status.Status != http.StatusTooManyRequests
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"jobgraph/graph/subscription"
	"jobgraph/internal/config"
	"jobgraph/internal/graphqlws"
	"jobgraph/internal/live"
	"jobgraph/internal/store"
	"jobgraph/internal/webhook"
	"jobgraph/restclient"
)

// newEngine returns the engine that watches GitLab for subscriptions, and the store that it shares
// with other replicas; nil if it is alone.
func newEngine(c config.Config, client *restclient.Client, p Process) (*live.Engine, *store.Redis, error) {
	c.Live.Upstream, c.Live.Seed = client, rand.Uint64()
	if c.RedisURL == "" {
		return live.New(c.Live), nil, nil
	}
	shared, err := store.OpenRedis(c.RedisURL, p.log)
	if err != nil {
		return nil, nil, fmt.Errorf("redis-url: %w", err)
	}
	c.Live.Store = shared
	engine := live.New(c.Live)
	shared.Subscribe(engine.Receive, engine.WakeAll)
	return engine, shared, nil
}

// wakingClient is a client whose writes wake the watches of the jobs and pipelines they changed.
type wakingClient struct {
	*restclient.Client
	engine *live.Engine
}

// Send sends a write.
func (c wakingClient) Send(
	ctx context.Context, credential restclient.Credential, p restclient.Post,
) (*restclient.Response, error) {
	response, err := c.Client.Send(ctx, credential, p)
	if err == nil {
		c.engine.Wrote(response)
	}
	return response, err
}

// streams are what the HTTP server does not shut down by itself: subscriptions over any transport,
// WebSocket connections, and the engine behind them.
type streams struct {
	websocket     *graphqlws.Server
	subscriptions *subscription.Broadcaster
	engine        *live.Engine
	store         *store.Redis // nil if this replica is alone
	spread        time.Duration
}

// shutdown ends the subscriptions, spread over some time, and then the connections that are left.
func (s *streams) shutdown(ctx context.Context) error {
	s.websocket.Drain()
	s.subscriptions.Drain(s.spread, func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	})
	err := s.websocket.Shutdown(ctx)
	s.engine.Close()
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
	}
	return err
}

// hookBytes is the longest webhook that is read: an event of a pipeline with a thousand jobs is
// about 1 MB.
const hookBytes = 2 << 20

// newReceiver returns the receiver of GitLab's webhooks.
func newReceiver(c config.Config, engine *live.Engine, p Process) (*webhook.Receiver, error) {
	received := func(e webhook.Event) {
		topic := live.Topic{Kind: live.Pipeline, Project: e.Project, ID: e.Pipeline}
		if e.Pipeline == 0 {
			topic = live.Topic{Kind: live.Job, Project: e.Project, ID: e.Job}
		}
		engine.Hook(topic)
	}
	return webhook.New(webhook.Config{
		Secret: c.WebhookSecret, BodyBytes: hookBytes, Now: p.Now, Received: received,
	})
}

package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// version begins everything that goes through Redis. Replicas of other versions are passed over, so
// that versions may mix during an upgrade: then each version polls for itself.
const version = "1"

const (
	prefix  = "jobgraph:" + version + ":"
	channel = prefix + "wake-ups"
)

// maxMessage bounds the length of an accepted message. A topic's name is far shorter.
const maxMessage = 1 << 10

// callTime bounds one call of Redis, which nothing but the background work of package live waits
// for.
const callTime = time.Second

// Redis is a store in Redis or Valkey, for replicas on any number of machines.
//
// A lease ends only when its time to live in Redis has passed: the clocks of replicas are not
// compared. A replica misses messages that are published while it is not connected; its own polls
// find the changes.
type Redis struct {
	client  redis.UniversalClient
	replica string // identifies this replica
	log     *slog.Logger
	failing atomic.Bool

	receiving sync.WaitGroup
	stop      context.CancelFunc
}

// OpenRedis returns the store at an address: redis:// or rediss:// with user, password and
// database, as go-redis reads them. Several hosts, separated by commas, are a cluster; with
// ?master_name= they are sentinels. It does not wait for Redis.
func OpenRedis(address string, log *slog.Logger) (*Redis, error) {
	options, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = callTime, callTime, callTime
	options.MaxRetries, options.PoolSize, options.MinIdleConns = 1, 8, 1
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	redis.SetLogger(quiet{})
	return &Redis{client: redis.NewUniversalClient(options), replica: rand.Text(), log: log}, nil
}

// parseAddress reads a URL, whose host may be a list.
func parseAddress(address string) (*redis.UniversalOptions, error) {
	scheme, rest, found := strings.Cut(address, "://")
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	if !found || hosts == "" {
		return nil, errAddress
	}
	master := ""
	path, query, _ := strings.Cut(tail, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); name == "master_name" {
			master = value
		} else if pair != "" {
			kept = append(kept, pair)
		}
	}
	if len(kept) > 0 {
		path += "?" + strings.Join(kept, "&")
	}
	list := strings.Split(hosts, ",")
	one, err := redis.ParseURL(scheme + "://" + user + list[0] + path)
	if err != nil {
		return nil, errAddress // the library's error may quote the password
	}
	o := &redis.UniversalOptions{
		Addrs: []string{one.Addr}, Username: one.Username, Password: one.Password, DB: one.DB, TLSConfig: one.TLSConfig,
		Protocol: one.Protocol, MasterName: master, IsClusterMode: len(list) > 1 && master == "",
	}
	if master != "" {
		o.SentinelUsername, o.SentinelPassword = one.Username, one.Password
	}
	for _, host := range list[1:] {
		if !strings.Contains(host, ":") {
			host += ":6379"
		}
		o.Addrs = append(o.Addrs, host)
	}
	return o, nil
}

var errAddress = errors.New("it is no address like redis://user:password@host:6379/0 or rediss://…")

// quiet discards the library's own log: failures are returned, and logged once.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// Subscribe passes the messages of the other replicas to a function, until Close. It calls begun
// whenever it begins to receive: messages before may have been missed. It may be called once.
func (r *Redis) Subscribe(receive func(message string), begun func()) {
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	r.receiving.Go(func() {
		for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, lastPause) {
			if r.receive(ctx, receive, begun) {
				pause = firstPause
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
	})
}

// The waits between two tries to subscribe.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// receive subscribes and passes messages on until the connection fails; it reports whether it had
// connected.
func (r *Redis) receive(ctx context.Context, receive func(string), begun func()) (connected bool) {
	subscription := r.client.Subscribe(ctx, channel)
	defer func() { _ = subscription.Close() }()
	for {
		received, err := subscription.ReceiveTimeout(ctx, quietTime)
		if err != nil && connected && isTimeout(err) { // no message: check the connection
			if err = subscription.Ping(ctx); err == nil {
				received, err = subscription.ReceiveTimeout(ctx, callTime)
			}
		}
		if err != nil {
			_ = r.note(ctx, err)
			return connected
		}
		connected = true
		_ = r.note(ctx, nil)
		switch m := received.(type) {
		case *redis.Subscription:
			begun()
		case *redis.Message:
			r.take(m.Payload, receive)
		}
	}
}

// quietTime is how long a subscription may be silent before it is tested.
const quietTime = 5 * time.Second

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

// take passes on a message of another replica.
func (r *Redis) take(payload string, receive func(string)) {
	from, message, ok := strings.Cut(payload, " ")
	if ok && from != r.replica && len(message) <= maxMessage {
		receive(message)
	}
}

// Publish passes a message to the other replicas.
func (r *Redis) Publish(ctx context.Context, message string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return r.note(ctx, r.client.Publish(ctx, channel, r.replica+" "+message).Err())
}

// takeLease takes a lease that nobody holds, or extends this replica's own. It returns 0, or for
// how many milliseconds another replica still holds it.
var takeLease = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  local left = redis.call('PTTL', KEYS[1])
  if left > 0 then return left end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0`)

// Lease takes or extends a lease for ttl from now. It returns 0 if this replica holds it, and
// otherwise how long another one still does.
func (r *Redis) Lease(ctx context.Context, name string, ttl time.Duration) (busy time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	left, err := takeLease.Run(ctx, r.client, []string{prefix + name}, r.replica, max(ttl.Milliseconds(), 1)).Int64()
	return time.Duration(left) * time.Millisecond, r.note(ctx, err)
}

// endLease ends this replica's own lease.
var endLease = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`)

// Release ends a lease, if this replica holds it. It does not wait for a Redis that does not
// answer: the lease then ends by itself.
func (r *Redis) Release(ctx context.Context, name string) error {
	if r.IsFailing() {
		return errFailing
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return r.note(ctx, endLease.Run(ctx, r.client, []string{prefix + name}, r.replica).Err())
}

var errFailing = errors.New("redis does not answer")

// note records whether Redis answers, and logs each change once.
func (r *Redis) note(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return err // by this replica's own shutdown
	}
	failed := err != nil
	if r.failing.Swap(failed) == failed {
		return err
	}
	if failed {
		r.log.Warn("Redis does not answer: this replica polls for itself", "error", err)
	} else {
		r.log.Info("Redis answers again: this replica shares with the others")
	}
	return err
}

// Status returns the store's line in the readiness report.
func (r *Redis) Status() string {
	if r.failing.Load() {
		return "redis: not answering; this replica polls for itself"
	}
	return "redis: ok"
}

// IsFailing reports whether Redis did not answer when it was last asked.
func (r *Redis) IsFailing() bool { return r.failing.Load() }

// Close ends the connections. Leases end by themselves.
func (r *Redis) Close() error {
	if r.stop != nil {
		r.stop()
	}
	err := r.client.Close()
	r.receiving.Wait()
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

package store

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// documents is the key of the hash that has all registered documents: their texts by their SHA-256,
// "at N" with the hash of the Nth that was registered, "first" and "last" with the bounds of N, and
// "bytes". It is one key, so that Redis drops all of it or nothing.
const documents = prefix + "documents"

const (
	documentCost = 256                    // bytes that a document takes beside its text
	documentTTL  = 7 * 24 * time.Hour     // after the last registration of any
	documentTime = 250 * time.Millisecond // that a request waits for Redis
)

// addDocument keeps a text by its hash, and drops the oldest ones past a bound.
var addDocument = redis.NewScript(`
local key, id, cost, limit = KEYS[1], ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HSETNX', key, id, ARGV[2]) == 1 then
  redis.call('HSET', key, 'at ' .. redis.call('HINCRBY', key, 'last', 1), id)
  local bytes = redis.call('HINCRBY', key, 'bytes', #ARGV[2] + cost)
  while bytes > limit do
    local at = 'at ' .. redis.call('HINCRBY', key, 'first', 1)
    local oldest = redis.call('HGET', key, at)
    bytes = redis.call('HINCRBY', key, 'bytes', -(redis.call('HSTRLEN', key, oldest) + cost))
    redis.call('HDEL', key, at, oldest)
  end
end
return redis.call('PEXPIRE', key, ARGV[5])`)

// AddDocument keeps the text of a document by its hash for the other replicas, and drops the oldest
// documents past a bound of all bytes. If Redis does not answer, nothing is kept: clients send a
// document again where it is missing.
func (r *Redis) AddDocument(ctx context.Context, hash, text string, allBytes int) {
	if r.IsFailing() || len(text)+documentCost > allBytes {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, documentTime)
	defer cancel()
	_ = r.note(ctx, addDocument.Run(ctx, r.client, []string{documents},
		hash, text, documentCost, allBytes, documentTTL.Milliseconds()).Err())
}

// findDocument returns a text that is no longer than a bound.
var findDocument = redis.NewScript(`
if redis.call('HSTRLEN', KEYS[1], ARGV[1]) > tonumber(ARGV[2]) then return false end
return redis.call('HGET', KEYS[1], ARGV[1])`)

// FindDocument returns the text of a document that a replica has kept by its hash, unless it is
// longer than a bound. The caller checks the hash.
func (r *Redis) FindDocument(ctx context.Context, hash string, maxBytes int) (text string, found bool) {
	if r.IsFailing() {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, documentTime)
	defer cancel()
	text, err := findDocument.Run(ctx, r.client, []string{documents}, hash, maxBytes).Text()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	return text, r.note(ctx, err) == nil && text != ""
}

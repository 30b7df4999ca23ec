// Package live detects what changes at GitLab and passes it on to subscriptions.
//
// Its parts, from the outside in:
//
//   - [Engine] opens subscriptions and receives wake-ups. One mutex guards everything below it;
//     calls to GitLab run without the lock.
//   - [Subscription] is one consumer's view: [Subscription.Next] returns what followed a position.
//     The consumer pulls. A slow one therefore skips to the newest state, and blocks nobody.
//   - A topic is a thing that can change: a pipeline with its jobs, a project's newest jobs, a log.
//     It has one fast poll, whatever the number of watches, and keeps whose turn it is to make it.
//   - A watch is a topic read with one credential. What it reads is delivered only to subscriptions
//     with exactly that credential. It has at most one read in flight and one pending.
//   - A content is what a watch has read, and how it is read: [pipelineContent], [projectContent]
//     and [logContent].
//   - An account is the call budget of one credential, and the Retry-After that GitLab sent it.
//
// A wake-up carries no data. It makes the watches of a topic read again, each with its own
// credential.
//
// The package depends neither on GraphQL nor on any transport. It does no I/O of its own: it calls
// the [Upstream], [Store] and [Clock] of its [Config].
package live

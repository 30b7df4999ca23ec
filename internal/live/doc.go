// Package live finds out what changes at GitLab and passes it on to those who watch it.
//
// Its parts, from the outside in:
//
//   - [Engine] opens subscriptions and takes wake-ups. One mutex guards everything below it; calls to GitLab run outside of it.
//   - [Subscription] is one consumer's view: [Subscription.Next] returns what followed a position. It is pulled, so that a slow consumer skips to the newest
//     state by itself, and it never blocks.
//   - A topic is a thing that can change: a pipeline with its jobs, a project's newest jobs, a log. It holds the fast poll, of which there is one however many
//     watch, and whose turn that is.
//   - A watch is a topic read with one credential. What it reads, only subscriptions with that whole credential receive. It has one read in flight and one pending.
//   - A content is what a watch has read and how it is read: [pipelineContent], [projectContent] and [logContent].
//   - An account is what one credential may still ask: its budget of calls, and the Retry-After that GitLab gave it.
//
// A wake-up carries no data. It makes the watches of a topic read again, each with its own credential.
//
// The package knows neither GraphQL nor any transport. It does no I/O of its own: it calls an [Upstream], a [Store] and a [Clock] that it is given.
package live

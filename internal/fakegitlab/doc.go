// Package fakegitlab simulates GitLab's Jobs REST API in memory and serves it over HTTP: the same
// endpoints, parameters, statuses, headers and messages, the same permissions, and jobs whose
// status changes with a clock.
//
// The demo uses it when no GitLab is configured, and so do tests and benchmarks. It is
// deterministic: the same data set, clock and requests give the same answers, byte for byte except
// for X-Request-Id and X-Runtime. It shares no types with the client that is tested against it.
//
// # Data sets
//
// A data set is a function that fills a Builder. Times after the clock's are plans: a status is
// computed from the plan and the clock, so that a request always sees the current one.
//
//	Demo         a company with a long history; running pipelines end, no new ones begin
//	WorkingDemo  the same with ongoing activity; the history keeps its IDs
//	Samples      a handler with the examples of GitLab's documentation
//
// # Options
//
//	Release      Newest, Older19 (no trigger_jobs), Older18 (no byte ranges), Older17 (no inputs)
//	Limits       JobsIndex, Requests, JobRetry, Offset
//	LogInterval  how often a running job's log grows: UnwatchedLogInterval (a minute, the default)
//	             or WatchedLogInterval (3 s); negative: continuously; Log.Watched sets 3 s for a job
//	Hooks        webhooks from the start
//
// # Changes while it runs
//
//	Update(func(*Builder))           any change, atomically; Builder.At schedules one
//	AddJob, ChangeJob, FinishJob     jobs and their statuses
//	EraseJob, RemovePipeline         removals
//	AppendLog(id, text)              appends to a started job's log, which no longer grows by itself
//	ArchiveLog(id, rewrite)          sets the final log and adds the trace artifact
//	ChangeToken, RevokeToken         credentials; Token.Limit is its limit of requests per minute
//	SetRole(project, username, role) members; NoRole ends a membership
//	ChangeProject                    visibility, public pipelines, archived, …
//	MoveProject(id, path)            reads of the old path are redirected
//	RemoveProject(id)                requests for it are answered with 404
//	ProjectBuilder.Push(ref, sha)    a newest commit without a pipeline: latest answers 403
//
// # Webhooks
//
//	AddHook(Hook) *Webhook           job and pipeline events, with Token or SigningSecret
//	Hook.Fate                        decides about each event: Deliver, Lose, Duplicate, Hold
//	Webhook.Wait(ctx)                returns when all events so far have been sent, lost or held
//	Webhook.Release                  sends the held events
//	Webhook.Deliveries, Lost, Off    the results; Close removes the hook
//	Step                             sends the changes that follow from the clock alone
//	Run(ctx, every)                  calls Step at an interval until ctx ends
//
// # Faults and call log
//
//	Inject(Fault) remove             by method and path, token, count or probability; see FaultKind
//	SetLatency(d)                    a delay before every answer
//	Calls, ResetCalls                every request: method, URI, status, token's name, time
package fakegitlab

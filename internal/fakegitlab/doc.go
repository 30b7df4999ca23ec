// Package fakegitlab is GitLab's Jobs REST API, simulated in memory and served over HTTP: the same
// endpoints, parameters, statuses, headers and messages, the same rules about who may do what, and
// jobs that move with a clock.
//
// The demo runs on it when no GitLab is configured, and tests and benchmarks use it. It is
// deterministic: the same data set, clock and requests give the same answers, byte for byte but for
// X-Request-Id and X-Runtime. Its structs are its own: it shares no decoding with the client that
// is tested on it.
//
// # Data sets
//
// A data set is a function that fills a Builder. Times ahead of the clock are plans; a status
// follows from the plan and the clock, and nothing has to be stepped for a request to see it.
//
//	Demo         a company with a long history; pipelines under way end, nothing new begins
//	WorkingDemo  the same at work, for as long as the clock goes on; its history keeps its IDs
//	Samples      a handler with the examples of GitLab's documentation
//
// # How the instance behaves (Options)
//
//	Release      Newest, Older19 (no trigger_jobs), Older18 (no byte ranges), Older17 (no inputs)
//	Limits       JobsIndex, Requests, JobRetry, Offset
//	LogInterval  how often a running job's log moves: UnwatchedLogInterval (a minute, the default)
//	             or WatchedLogInterval (3 s); negative: always; Log.Watched sets 3 s for a job
//	Hooks        webhooks from the start
//
// # While it runs
//
//	Update(func(*Builder))           anything, atomically; Builder.At puts a change off
//	AddJob, ChangeJob, FinishJob     jobs and their statuses
//	EraseJob, RemovePipeline         what goes
//	AppendLog(id, text)              makes a started job's log longer; nothing else does from then on
//	ArchiveLog(id, rewrite)          the final log, maybe another than the live one; its trace artifact
//	ChangeToken, RevokeToken         credentials; Token.Limit is its own limit of requests a minute
//	SetRole(project, username, role) members; NoRole ends a membership
//	ChangeProject                    visibility, public pipelines, archived, …
//	MoveProject(id, path)            the old path redirects reads
//	RemoveProject(id)                404 from then on
//	ProjectBuilder.Push(ref, sha)    a newest commit without a pipeline: latest answers 403
//
// # Webhooks
//
//	AddHook(Hook) *Webhook           job and pipeline events, with Token or SigningSecret
//	Hook.Fate                        decides about each event: Deliver, Lose, Duplicate, Hold
//	Webhook.Wait(ctx)                until everything so far has been sent, lost or held
//	Webhook.Release                  sends what was held
//	Webhook.Deliveries, Lost, Off    what came of it; Close removes the hook
//	Step                             notices what the clock alone has changed since, and sends it
//	Run(ctx, every)                  steps until ctx ends
//
// # Trouble and accounts
//
//	Inject(Fault) remove             by method and path, token, count or chance; see FaultKind
//	SetLatency(d)                    before every answer
//	Calls, ResetCalls                every request: method, address, status, token's name, time
package fakegitlab

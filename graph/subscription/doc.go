// Package subscription executes subscriptions.
//
// Package live decides what is watched, and when it is read. Here a field of the schema's
// Subscription type opens a watch (fields.go), and each of its events is executed: the selections
// are resolved as a query's are, from the responses of the poll, with a loader.Request of their
// own.
//
// Equal subscriptions (the same credential, document, operation and variables) are one run: each
// event is executed once, and the bytes are shared by all subscribers (run.go). A subscriber has a
// position of its own within the run. A late one therefore begins with the full state, and a slow
// one skips to the newest state. A log is never skipped: a subscriber that falls behind a bound
// ends with SLOW_CONSUMER and the byte to resume from.
//
// A transport takes a [Stream]'s responses without waiting, whenever the stream reports that there
// may be one: neither a run nor a subscriber has a goroutine of its own. Transports that have a
// goroutine for each operation anyway see gqlgen's interface instead: a handler that blocks until
// the next response, and returns nil at the end. A response without data is the last one, with
// errors.
package subscription

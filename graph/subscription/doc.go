// Package subscription executes subscriptions.
//
// What is watched, and when it is read, is package live's. Here a field of the schema's
// Subscription type opens what it watches (fields.go), and each event of it is executed: its
// selections are resolved as a query's are, from what the poll has brought, with a loader.Request
// of its own.
//
// Subscriptions that are equal (the same whole credential, document, operation and variables) are
// one run: each event is executed once, and the bytes are shared by all subscribers (run.go). A
// subscriber has a position of its own within the run. So one that comes late begins with
// everything there is, and one that is slow skips to the newest state; of a log it skips nothing,
// and past a bound it ends with SLOW_CONSUMER and the byte to go on from.
//
// A transport sees gqlgen's interface only: a handler that blocks until the next response, and
// returns nil at the end. A response without data is an end with errors.
package subscription

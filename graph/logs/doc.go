// Package logs answers what a query asks of one job's log. A [Log] is told what is wanted, reads the log once from whatever opens it, and keeps
// no more of it than was asked for.
package logs

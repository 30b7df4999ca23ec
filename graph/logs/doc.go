// Package logs answers the fields of one job's log. A query registers its selections with a [Log],
// which then reads the log once and keeps only what was selected.
package logs

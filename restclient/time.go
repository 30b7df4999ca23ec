package restclient

import "time"

// Text is a string that GitLab always sends and that is never empty: "" is a value that it did not
// send.
type Text string

// Time is a time as GitLab wrote it (RFC 3339 with milliseconds and a zone). The text is kept:
// parsing and printing it again would turn 41.850Z into 41.85Z. "" is a time that GitLab did not
// send.
type Time string

// Time parses t.
func (t Time) Time() (time.Time, error) { return time.Parse(time.RFC3339Nano, string(t)) }

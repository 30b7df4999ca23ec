package restclient

import "time"

// Time is a time as GitLab wrote it (RFC 3339 with milliseconds and a zone). The text is kept: parsing and printing it
// again would turn 41.850Z into 41.85Z.
type Time string

// Time parses t.
func (t Time) Time() (time.Time, error) { return time.Parse(time.RFC3339Nano, string(t)) }

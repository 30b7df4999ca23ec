package config

import (
	"fmt"
	"runtime/debug"
)

// Set when a release is built, by -ldflags "-X jobgraph/internal/config.version=v1.2.3 -X
// jobgraph/internal/config.commit=…".
var version, commit string

// Version returns the version and commit that the program was built from, as far as the build
// recorded them.
func Version() string {
	v, at, modified := version, commit, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && at == "":
				at = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = ", modified"
			}
		}
	}
	if v == "" {
		v = "(devel)"
	}
	if at == "" {
		at = "unknown"
	}
	return fmt.Sprintf("jobgraph %s (commit %s%s)", v, at, modified)
}

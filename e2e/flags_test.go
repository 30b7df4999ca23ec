package e2e

import (
	"regexp"
	"strings"

	"jobgraph/internal/config"
)

// flagRow is a flag as -help tells it.
type flagRow struct{ name, env, otherwise, meaning string }

var (
	flagName    = regexp.MustCompile(`(?m)^  -(\S+) ?(\w*)`)
	flagEnv     = regexp.MustCompile(`\s*\(env ([A-Z_]+)\)`)
	flagDefault = regexp.MustCompile(`\s*\(default "?(.*?)"?\)\s*$`)
)

// zeroes are the defaults that -help leaves out, by the flag's type as it stands there; a flag without one is a switch.
var zeroes = map[string]string{"": "false", "int": "0", "float": "0", "duration": "0s"}

// flagTable reads -help.
func flagTable() []flagRow {
	var help strings.Builder
	_, _ = config.Read([]string{"-help"}, &help) // the error is flag.ErrHelp
	var rows []flagRow
	places := flagName.FindAllStringSubmatchIndex(help.String(), -1)
	for i, at := range places {
		end := help.Len()
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		name, text := help.String()[at[2]:at[3]], help.String()[at[1]:end]
		row, text := flagRow{name: name, otherwise: zeroes[help.String()[at[4]:at[5]]]}, strings.TrimSpace(text)
		if m := flagDefault.FindStringSubmatch(text); m != nil {
			row.otherwise, text = m[1], flagDefault.ReplaceAllString(text, "")
		}
		if m := flagEnv.FindStringSubmatch(text); m != nil {
			row.env, text = m[1], flagEnv.ReplaceAllString(text, "")
		}
		row.meaning = text
		rows = append(rows, row)
	}
	return rows
}

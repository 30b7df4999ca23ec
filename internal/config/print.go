package config

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteHelp writes how the command is used: all settings by group.
func WriteHelp(w io.Writer) error {
	var b strings.Builder
	b.WriteString("jobgraph serves GitLab's REST Jobs API as GraphQL.\n\nUsage: jobgraph [-name=value ...]\n\n" +
		"Each flag is also an environment variable (-max-depth is JOBGRAPH_MAX_DEPTH) and a key of the file that -config\n" +
		"names (max-depth: 30). A flag counts before the environment, and that before the file.\n")
	for _, group := range Groups(Profiles[0]) {
		fmt.Fprintf(&b, "\n%s:\n", group.Title)
		for _, s := range group.Settings {
			fmt.Fprintf(&b, "  -%s %s\n", s.Name, s.Kind)
			for _, line := range wrap(s.Meaning+s.facts(), 100) {
				fmt.Fprintf(&b, "        %s\n", line)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// facts returns the default and the further environment variables, in parentheses.
func (s Setting) facts() string {
	var facts []string
	if s.Default != "" {
		facts = append(facts, "default "+s.Default)
	}
	if variables := s.Variables(); len(variables) > 1 {
		facts = append(facts, "also "+strings.Join(variables[1:], ", ")+" in the environment")
	}
	if len(facts) == 0 {
		return ""
	}
	return " (" + strings.Join(facts, "; ") + ")"
}

// wrap breaks text between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// WriteValues writes all settings of c with their values and sources.
func (c Config) WriteValues(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, group := range c.Settings {
		fmt.Fprintf(t, "\n%s\n", group.Title)
		for _, s := range group.Settings {
			source := s.Source
			if source == "" {
				source = "default"
			}
			value := s.Value()
			if value == "" {
				value = "(none)"
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\n", s.Name, value, source)
		}
	}
	return t.Flush()
}

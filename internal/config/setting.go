package config

import (
	"errors"
	"strings"
)

// Setting describes one thing that can be set.
type Setting struct {
	Name    string // of the flag, and of the key in a file
	Kind    string // what a value is, in a word
	Meaning string
	Default string
	Past    string // what happens past it, where it is a limit
	Secret  bool   // the value is never shown
	Command bool   // it asks for something else than serving: only a flag can
	Source  string // where the value comes from; "" for the default

	aliases []alias
	parse   func(text string) error // sets the value, or returns what is wrong with the text
	format  func() string
	isZero  func() bool
}

// alias is an environment variable that means a setting without the program's prefix.
type alias struct {
	variable string
	value    func(string) string // the setting's value, from the variable's
}

const envPrefix = "JOBGRAPH_"

// declare returns the description of a setting, and gives it its default.
func declare[T comparable](k kind[T], name string, to *T, standard T, meaning string) Setting {
	*to = standard
	return Setting{
		Name: name, Kind: k.name, Meaning: meaning, Default: k.format(standard),
		parse: func(text string) error {
			value, err := k.parse(text)
			if err == nil {
				*to = value
			}
			return err
		},
		format: func() string { return k.format(*to) },
		isZero: func() bool { var zero T; return *to == zero },
	}
}

// env makes the setting readable from one more environment variable.
func (s Setting) env(variable string) Setting {
	return s.envAs(variable, func(value string) string { return value })
}

// envAs is env for a variable whose value must be converted.
func (s Setting) envAs(variable string, value func(string) string) Setting {
	s.aliases = append(s.aliases, alias{variable, value})
	return s
}

// secret keeps the value out of everything that is printed.
func (s Setting) secret() Setting {
	s.Secret = true
	return s
}

// command says that the setting asks for something else than serving.
func (s Setting) command() Setting {
	s.Command = true
	return s
}

// positive refuses 0.
func (s Setting) positive() Setting {
	parse := s.parse
	s.parse = func(text string) error {
		if err := parse(text); err != nil {
			return err
		}
		if s.isZero() {
			return errors.New("must be more than 0")
		}
		return nil
	}
	return s
}

// limit says what happens past the setting, which is a limit that 0 switches off.
func (s Setting) limit(past string) Setting {
	s.Meaning += "; 0 = no limit"
	return s.past(past)
}

// past says what happens past the setting.
func (s Setting) past(what string) Setting {
	s.Past = what
	return s
}

// Value returns the value as text, hidden where it is secret.
func (s Setting) Value() string {
	value := s.format()
	if s.Secret && value != "" {
		return "(hidden)"
	}
	return value
}

// Variables returns the environment variables that the setting is read from, the first before the
// others.
func (s Setting) Variables() []string {
	if s.Command {
		return nil
	}
	names := []string{envPrefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))}
	for _, a := range s.aliases {
		names = append(names, a.variable)
	}
	return names
}

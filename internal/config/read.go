package config

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Read returns the configuration that args (without the program's name), environ (as [os.Environ]
// returns it) and the configuration file give. The error names every mistake and where it stands;
// it is [flag.ErrHelp] if args ask for help.
func Read(args, environ []string) (Config, error) {
	found, err := collect(args, environ)
	if err != nil {
		return Config{}, err
	}
	var c Config
	var mistakes []error
	c.Settings = groups(&c, profile(found["limits"].text))
	for _, group := range c.Settings {
		for i := range group.Settings {
			s := &group.Settings[i]
			given, ok := found[s.Name]
			if !ok {
				continue
			}
			if err := s.parse(given.text); err != nil {
				mistakes = append(mistakes, s.mistake(given, err))
			}
			s.Source = given.source
		}
	}
	return c, errors.Join(mistakes...)
}

// given is the text of a setting, and where it stands.
type given struct{ text, source string }

func (s *Setting) mistake(g given, err error) error {
	if s.Secret {
		return fmt.Errorf("%s: %w", g.source, err)
	}
	return fmt.Errorf("%s is %q: %w", g.source, g.text, err)
}

// collect returns the text of every setting that is given, by name, from the source that counts.
func collect(args, environ []string) (map[string]given, error) {
	declared := All()
	found, err := fromFlags(declared, args)
	if err != nil {
		return nil, err
	}
	addMissing(found, fromEnvironment(declared, environ))
	if file := found["config"].text; file != "" {
		settings, err := fromFile(declared, file)
		if err != nil {
			return nil, err
		}
		addMissing(found, settings)
	}
	return found, nil
}

// All returns all settings, with their defaults.
func All() []Setting {
	var all []Setting
	for _, group := range Groups(Profiles[0]) {
		all = append(all, group.Settings...)
	}
	return all
}

// Groups returns all settings by group, with the defaults of a profile.
func Groups(profileName string) []Group { return groups(new(Config), profile(profileName)) }

func addMissing(to, from map[string]given) {
	for name, g := range from {
		if _, ok := to[name]; !ok {
			to[name] = g
		}
	}
}

func fromFlags(declared []Setting, args []string) (map[string]given, error) {
	found := map[string]given{}
	flags := flag.NewFlagSet("jobgraph", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, s := range declared {
		flags.Var(&flagValue{found: found, name: s.Name, toggle: s.Kind == "bool"}, s.Name, s.Meaning)
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w; -help lists the flags", err)
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q: settings are given as -name=value", flags.Arg(0))
	}
	return found, nil
}

// flagValue is a flag that notes its text.
type flagValue struct {
	found  map[string]given
	name   string
	toggle bool
}

func (v *flagValue) String() string   { return "" }
func (v *flagValue) IsBoolFlag() bool { return v.toggle }
func (v *flagValue) Set(text string) error {
	v.found[v.name] = given{text, "-" + v.name}
	return nil
}

// fromEnvironment takes no notice of variables that are set to nothing.
func fromEnvironment(declared []Setting, environ []string) map[string]given {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" {
			values[name] = value
		}
	}
	found := map[string]given{}
	for _, s := range declared {
		if s.Command {
			continue
		}
		variable := s.Variables()[0]
		if value, ok := values[variable]; ok {
			found[s.Name] = given{value, variable}
			continue
		}
		for _, a := range s.aliases {
			if value, ok := values[a.variable]; ok {
				found[s.Name] = given{a.value(value), a.variable}
				break
			}
		}
	}
	return found
}

// Unknown returns the variables in environ that begin as those of the program do and mean no
// setting.
func Unknown(environ []string) []string {
	var unknown, known []string
	for _, s := range All() {
		known = append(known, s.Variables()...)
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func fromFile(declared []Setting, name string) (map[string]given, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(content, &values); err != nil {
		return nil, fmt.Errorf("config: %s is not a list of settings in YAML: %w", name, err)
	}
	found := map[string]given{}
	var mistakes []error
	for key, value := range values {
		source := name + ": " + key
		text, err := fileText(value)
		at := slices.IndexFunc(declared, func(s Setting) bool { return s.Name == key })
		switch {
		case at < 0:
			err = errors.New("is no setting")
		case key == "config" || declared[at].Command:
			err = errors.New("cannot stand in a file")
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s %w", source, err))
			continue
		}
		found[key] = given{text, source}
	}
	slices.SortFunc(mistakes, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return found, errors.Join(mistakes...)
}

// fileText returns a value of a file as a flag has it: the values of a list are joined by commas.
func fileText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case map[string]any:
		return "", errors.New("must be a single value")
	case []any:
		texts := make([]string, len(v))
		for i, element := range v {
			texts[i] = fmt.Sprint(element)
		}
		return strings.Join(texts, ","), nil
	default:
		return fmt.Sprint(v), nil
	}
}

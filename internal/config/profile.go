package config

import (
	"jobgraph/graph/limits"
)

// Profiles are the names of the profiles of a document's limits, the default first.
var Profiles = []string{"default", "strict", "off"}

// profile returns the limits of the profile with this name. "strict" is for an endpoint that serves
// pages whose queries are known; it still answers GraphiQL's introspection. "off" keeps the bounds
// of memory.
func profile(name string) limits.Limits {
	standard := limits.Default()
	var l limits.Limits
	switch name {
	case "off":
	case "strict":
		l = limits.Limits{
			QueryBytes: 16 << 10, Tokens: 3000, Depth: 16, Aliases: 50, RootFields: 20, Mutations: 20,
			Directives: 50, Fragments: 50,
			Spreads: 200, Variables: 50, Deferred: 10, Fields: 2000, Complexity: 100_000, Errors: 20,
		}
	default:
		return standard
	}
	l.AnswerBytes = standard.AnswerBytes
	l.CachedDocuments, l.CachedBytes = standard.CachedDocuments, standard.CachedBytes
	return l
}

// limitsProfile declares the setting that chooses the profile. It has been chosen already when
// settings are declared, because the defaults of the settings after it depend on it.
func limitsProfile(c *Config) Setting {
	return choice("limits", &c.LimitsProfile, Profiles[0], "profile of a document's limits; each can still be set by "+
		"itself", Profiles...)
}

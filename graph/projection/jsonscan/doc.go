// Package jsonscan finds values in a JSON body without decoding the body. One pass yields the spans
// of the values that are selected; everything else is checked and skipped.
//
//	Type    the keys of an object and the kind of each value, read off a Go struct by reflection
//	Layout  which of the values are selected: each has a slot
//	Row     one object of a body: the span of each slot
//
// The scanner accepts a subset of what encoding/json would decode into the same struct, so that an
// accepted body has the same meaning for both. It refuses what encoding/json treats specially:
// duplicate keys, keys that match only if case is ignored, integers past 18 digits, values of
// another kind. The package depends neither on GraphQL nor on GitLab.
package jsonscan

package fakegitlab

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params are a request's parameters as Rack and Grape represent them: strings, numbers, booleans,
// []any and params.
type params map[string]any

// maxNesting is Rack's limit on the depth of a[b][c]… in a parameter's name.
const maxNesting = 32

var errParams = errors.New("parameters that Rack refuses")

// parseQuery parses a query string or form like Rack: of a repeated plain key the last value
// counts, "k[]" is a list and "k[x]" a map.
func parseQuery(query string) (params, error) {
	p := params{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(rawKey)
		if err != nil {
			return nil, errParams
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, errParams
		}
		if err := p.set(key, value, maxNesting); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// set sets the value of a key such as "a", "a[]" or "a[b]".
func (p params) set(key, value string, depth int) error {
	if depth == 0 {
		return errParams
	}
	name, rest := key, ""
	if open := strings.IndexByte(key, '['); open > 0 {
		name, rest = key[:open], key[open:]
	}
	switch {
	case rest == "":
		p[name] = value
		return nil
	case rest == "[]":
		return p.push(name, value)
	case strings.HasPrefix(rest, "[]["):
		return p.setInLast(name, unbracket(rest[2:]), value, depth)
	default:
		child, err := p.child(name)
		if err != nil {
			return err
		}
		return child.set(unbracket(rest), value, depth-1)
	}
}

// unbracket turns "[a][b]" into "a[b]".
func unbracket(key string) string {
	inner, rest, found := strings.Cut(strings.TrimPrefix(key, "["), "]")
	if !found {
		return key
	}
	return inner + rest
}

// push appends to a list.
func (p params) push(name string, value any) error {
	list, ok := p[name].([]any)
	if !ok && p[name] != nil {
		return errParams
	}
	p[name] = append(list, value)
	return nil
}

// setInLast sets a key in the last map of a list, or in a new map if the last one already has the
// key.
func (p params) setInLast(name, key, value string, depth int) error {
	list, ok := p[name].([]any)
	if !ok && p[name] != nil {
		return errParams
	}
	if len(list) > 0 {
		if last, ok := list[len(list)-1].(params); ok && last[key] == nil {
			return last.set(key, value, depth-1)
		}
	}
	next := params{}
	p[name] = append(list, next)
	return next.set(key, value, depth-1)
}

// child returns the map under a name, which it creates if there is none.
func (p params) child(name string) (params, error) {
	switch have := p[name].(type) {
	case nil:
		child := params{}
		p[name] = child
		return child, nil
	case params:
		return have, nil
	default:
		return nil, errParams
	}
}

// parseJSON parses a JSON body, which must be an object.
func parseJSON(body []byte) (params, error) {
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, errParams
	}
	return fromJSON(object).(params), nil
}

func fromJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		p := params{}
		for key, value := range v {
			p[key] = fromJSON(value)
		}
		return p
	case []any:
		for i := range v {
			v[i] = fromJSON(v[i])
		}
	}
	return v
}

// query returns the parameters as a query string like Rails' to_query: sorted, lists as k[]=, maps
// as k[x]=.
func (p params) query() string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(p)) {
		pairs = appendPairs(pairs, key, p[key])
	}
	return strings.Join(pairs, "&")
}

func appendPairs(pairs []string, key string, value any) []string {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			pairs = appendPairs(pairs, key+"[]", item)
		}
	case params:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			pairs = appendPairs(pairs, key+"["+name+"]", value[name])
		}
	case nil:
		pairs = append(pairs, url.QueryEscape(key)+"=")
	default:
		pairs = append(pairs, url.QueryEscape(key)+"="+url.QueryEscape(fmt.Sprint(value)))
	}
	return pairs
}

// with returns a copy with some parameters set.
func (p params) with(more params) params {
	merged := maps.Clone(p)
	maps.Copy(merged, more)
	return merged
}

// text, number and truth return a parameter after coercion, or the zero value.
func (p params) text(name string) string  { s, _ := p[name].(string); return s }
func (p params) number(name string) int64 { n, _ := p[name].(int64); return n }
func (p params) truth(name string) bool   { b, _ := p[name].(bool); return b }

// param is the declaration of one parameter: Grape's "optional :name, type:, values:, default:".
type param struct {
	name     string
	coerce   func(any) (any, bool) // false: "is invalid"
	check    func(any) string      // the problem in Grape's words, or ""
	fallback any
	required bool
	// without is the last release that does not declare the parameter, and therefore ignores it;
	// zero: every release declares it.
	without Release
}

// validate coerces the declared parameters in place and returns Grape's message about the invalid
// ones, or "".
func (p params) validate(declared []param, release Release) string {
	var problems []string
	for _, d := range declared {
		if release.lacks(d.without) {
			continue
		}
		if problem := p.validateOne(d); problem != "" {
			problems = append(problems, problem)
		}
	}
	return strings.Join(problems, ", ")
}

func (p params) validateOne(d param) string {
	raw, sent := p[d.name]
	if !sent {
		if d.required {
			return d.name + " is missing"
		}
		if d.fallback != nil {
			p[d.name] = d.fallback
		}
		return ""
	}
	value, ok := d.coerce(raw)
	if !ok {
		return d.name + " is invalid"
	}
	if value == nil { // an empty string sent for a number or boolean
		if p[d.name] = d.fallback; d.fallback == nil {
			delete(p, d.name)
		}
		return ""
	}
	p[d.name] = value
	if d.check == nil {
		return ""
	}
	if problem := d.check(value); problem != "" {
		if strings.HasPrefix(problem, d.name) {
			return problem
		}
		return d.name + " " + problem
	}
	return ""
}

func toInteger(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil, true
		}
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	case float64:
		return int64(v), v == float64(int64(v))
	}
	return nil, false
}

func toBoolean(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		switch strings.ToLower(v) {
		case "":
			return nil, true
		case "1", "on", "t", "true", "y", "yes":
			return true, true
		case "0", "off", "f", "false", "n", "no":
			return false, true
		}
	}
	return nil, false
}

func toString(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64, bool:
		return fmt.Sprint(v), true
	}
	return nil, false
}

// toTime parses the ISO 8601 forms that clients send: a date, with or without a time and a zone.
func toTime(v any) (any, bool) {
	text, ok := v.(string)
	if !ok {
		return nil, false
	}
	if text == "" {
		return nil, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return nil, false
}

func toHash(v any) (any, bool) {
	if v == "" {
		return nil, true
	}
	p, ok := v.(params)
	return p, ok
}

// toScope is GitLab's coercion of scope: a string, a list, or the values of a map.
func toScope(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return []any{v}, true
	case []any:
		return v, true
	case params:
		values := []any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			values = append(values, v[key])
		}
		return values, true
	default:
		return []any{"unknown"}, true
	}
}

const notAValidValue = "does not have a valid value"

func checkScope(v any) string {
	for _, status := range v.([]any) {
		s, ok := status.(string)
		if !ok || !slices.Contains(statuses, Status(s)) {
			return notAValidValue
		}
	}
	return ""
}

func checkNotZero(v any) string {
	if v == int64(0) {
		return "has a value not allowed"
	}
	return ""
}

func checkBetween(least, most int64) func(any) string {
	return func(v any) string {
		if n := v.(int64); n < least || n > most {
			return notAValidValue
		}
		return ""
	}
}

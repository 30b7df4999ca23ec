package model

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"jobgraph/restclient"
)

// The scalars are strict on input: a quoted number, a fraction for an integer, or a value out of
// the type's range is refused.
var (
	errString  = errors.New("must be a string")
	errBoolean = errors.New("must be true or false")
	errNumber  = errors.New("must be a number")
	errInt     = errors.New("must be a whole number of 32 bits")
	errBigInt  = errors.New("must be a whole number of 64 bits, not a string")
)

// MarshalDateTime writes a time exactly as GitLab sent it; null if it sent none.
func MarshalDateTime(t restclient.Time) graphql.Marshaler { return MarshalText(restclient.Text(t)) }

// MarshalText writes a string that GitLab always sends; null if it sent none.
func MarshalText(t restclient.Text) graphql.Marshaler {
	if t == "" {
		return graphql.Null
	}
	return graphql.MarshalString(string(t))
}

// UnmarshalText reads a string.
func UnmarshalText(v any) (restclient.Text, error) {
	s, err := UnmarshalString(v)
	return restclient.Text(s), err
}

// UnmarshalDateTime reads an RFC 3339 time and keeps its text.
func UnmarshalDateTime(v any) (restclient.Time, error) {
	s, err := UnmarshalString(v)
	if err != nil {
		return "", err
	}
	if _, err := restclient.Time(s).Time(); err != nil {
		return "", errors.New("must be an RFC 3339 time")
	}
	return restclient.Time(s), nil
}

// MarshalFloat writes a number exactly as GitLab sent it.
func MarshalFloat(n json.Number) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, string(n)) })
}

// UnmarshalFloat reads a number.
func UnmarshalFloat(v any) (json.Number, error) {
	switch v := v.(type) {
	case json.Number:
		return v, nil
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64)), nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	}
	return "", errNumber
}

// MarshalBigInt writes a 64-bit number.
func MarshalBigInt(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(strconv.AppendInt(nil, n, 10)) })
}

// UnmarshalBigInt reads a 64-bit number.
func UnmarshalBigInt(v any) (int64, error) { return integer(v, 64, errBigInt) }

// MarshalInt writes a 32-bit number.
func MarshalInt(n int) graphql.Marshaler { return MarshalBigInt(int64(n)) }

// UnmarshalInt reads a 32-bit number.
func UnmarshalInt(v any) (int, error) {
	n, err := integer(v, 32, errInt)
	return int(n), err
}

func integer(v any, bits int, wrong error) (int64, error) {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		var err error
		if n, err = strconv.ParseInt(string(v), 10, 64); err != nil {
			return 0, wrong
		}
	default:
		return 0, wrong
	}
	if bits == 32 && (n < math.MinInt32 || n > math.MaxInt32) {
		return 0, wrong
	}
	return n, nil
}

// MarshalString writes a string.
func MarshalString(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalString reads a string.
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errString
	}
	return s, nil
}

// MarshalBoolean writes a boolean.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean reads a boolean.
func UnmarshalBoolean(v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, errBoolean
	}
	return b, nil
}

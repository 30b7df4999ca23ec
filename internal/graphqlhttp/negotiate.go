package graphqlhttp

import (
	"mime"
	"strconv"
	"strings"
)

// media is a media type that answers can have.
type media int

const (
	mediaJSON     media = iota // application/json: every well-formed request is answered 200
	mediaResponse              // application/graphql-response+json: the status is the outcome
)

// negotiate chooses the answer's media type by the Accept headers; false where they allow neither.
// Without a preference it is application/json, as the specification requires for clients that do
// not support the newer type.
func negotiate(accept []string) (media, bool) {
	switch {
	case len(accept) == 0:
		return mediaJSON, true
	case len(accept) == 1: // the common case, without the cost of parsing
		switch accept[0] {
		case "", "*/*", "application/json":
			return mediaJSON, true
		case "application/graphql-response+json", "application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json,application/json;q=0.9":
			return mediaResponse, true
		}
	}
	var json, response preference
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
			continue
		}
		q := quality(params["q"])
		switch kind {
		case "application/graphql-response+json":
			response.consider(3, q)
		case "application/json":
			json.consider(3, q)
		case "application/*":
			json.consider(2, q)
			response.consider(2, q)
		case "*/*":
			json.consider(1, q)
			response.consider(1, q)
		}
	}
	switch {
	case json.quality <= 0 && response.quality <= 0:
		return mediaJSON, false
	case response.quality > json.quality, response.quality == json.quality && response.exactness == 3:
		return mediaResponse, true
	}
	return mediaJSON, true
}

// preference returns the quality value of a media type: that of the most specific range that
// matches it.
type preference struct {
	exactness int
	quality   float64
}

func (p *preference) consider(exactness int, quality float64) {
	if exactness > p.exactness {
		*p = preference{exactness, quality}
	}
}

func quality(q string) float64 {
	if q == "" {
		return 1
	}
	value, err := strconv.ParseFloat(q, 64)
	if err != nil {
		return 0
	}
	return value
}

package incremental

import (
	"bytes"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Format is one of the two formats of the parts, by the name that clients give it in Accept.
type Format string

const (
	// Spec20220824 repeats label and path with the data of each fragment, which is complete.
	Spec20220824 Format = "deferSpec=20220824"
	// SpecV02 announces each fragment under an ID, and sends no field twice.
	SpecV02 Format = "incrementalSpec=v0.2"
)

// payload is the JSON of a part, in the order in which it is written.
type payload struct {
	Errors      gqlerror.List    `json:"errors,omitempty"`
	Data        *json.RawMessage `json:"data,omitempty"`
	Pending     []pending        `json:"pending,omitempty"`
	Incremental []item           `json:"incremental,omitempty"`
	Completed   []completed      `json:"completed,omitempty"`
	Extensions  map[string]any   `json:"extensions,omitempty"`
	HasNext     bool             `json:"hasNext"`
}

type pending struct {
	ID    string   `json:"id"`
	Path  ast.Path `json:"path"`
	Label string   `json:"label,omitempty"`
}

// item is a result in both formats: a fragment is named by its ID, or by path and label.
type item struct {
	ID      string          `json:"id,omitempty"`
	Errors  gqlerror.List   `json:"errors,omitempty"`
	Data    json.RawMessage `json:"data"`
	SubPath ast.Path        `json:"subPath,omitempty"`
	Path    *ast.Path       `json:"path,omitempty"`
	Label   string          `json:"label,omitempty"`
}

type completed struct {
	ID     string        `json:"id"`
	Errors gqlerror.List `json:"errors,omitempty"`
}

// First returns the JSON of an answer's first part.
func (f Format) First(response *graphql.Response, p *Part) []byte {
	data := response.Data
	out := payload{Errors: response.Errors, Data: &data, Extensions: response.Extensions, HasNext: p.HasNext}
	if data == nil { // nothing was executed
		out.Data = nil
	}
	f.announce(&out, p)
	return encode(out)
}

// Next returns the JSON of a part after the first.
func (f Format) Next(response *graphql.Response, p *Part) []byte {
	out := payload{Extensions: response.Extensions, HasNext: p.HasNext}
	f.announce(&out, p)
	for _, r := range p.Results {
		if f == SpecV02 {
			out.addByID(r)
		} else if r.Failed() || len(r.Data) > len("{}") {
			out.Incremental = append(out.Incremental,
				item{Errors: r.Errors, Data: r.Data, Path: path(r.Of.Path), Label: r.Of.Label})
		}
	}
	return encode(out)
}

func (f Format) announce(out *payload, p *Part) {
	if f != SpecV02 {
		return
	}
	for _, one := range p.Pending {
		out.Pending = append(out.Pending, pending{ID: one.ID, Path: *path(one.Path), Label: one.Label})
	}
}

// addByID adds a result in the format v0.2. Errors of fields go with the first data; where there is
// none that is new, with the data that is empty.
func (out *payload) addByID(r Result) {
	done := completed{ID: r.Of.ID}
	switch {
	case r.Failed():
		done.Errors = r.Errors
	case len(r.New) == 0 && len(r.Errors) > 0:
		out.Incremental = append(out.Incremental, item{ID: r.Of.ID, Errors: r.Errors, Data: json.RawMessage("{}")})
	}
	for i, a := range r.New {
		next := item{ID: r.Of.ID, Data: a.Data, SubPath: a.SubPath}
		if i == 0 {
			next.Errors = r.Errors
		}
		out.Incremental = append(out.Incremental, next)
	}
	out.Completed = append(out.Completed, done)
}

// path returns a path that is written as [] where it is that of the root.
func path(p ast.Path) *ast.Path {
	if p == nil {
		p = ast.Path{}
	}
	return &p
}

// encode encodes a part. Unlike json.Marshal it leaves <, > and & as they are, of which logs are
// full.
func encode(p payload) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		panic(err) // a bug, answered as one
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

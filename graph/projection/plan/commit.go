package plan

import (
	"github.com/99designs/gqlgen/graphql"
)

// trailers compiles the trailers of a commit's message: GitLab sends them as an object whose keys
// are theirs, and at another key with all their values.
func (c *compilation) trailers(at *scope, f graphql.CollectedField) Field {
	return Field{Op: WriteTrailers,
		Slot:  at.layout.Slot(at.shape, "trailers"),
		Other: at.layout.Slot(at.shape, "extended_trailers"),
		Object: c.object(&scope{typeName: "CommitTrailer"}, f.Selections, func(_ *scope, f graphql.CollectedField) Field {
			switch f.Name {
			case "__typename":
				return Field{Op: WriteLiteral, Text: []byte(`"CommitTrailer"`)}
			case "key":
				return Field{Op: WriteTrailerKey}
			case "values":
				return Field{Op: WriteTrailerValues}
			}
			return c.uncovered()
		})}
}

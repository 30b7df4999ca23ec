package model

import (
	"bytes"
	"encoding/json"

	"jobgraph/restclient"
)

// Commit is a commit as a job carries it.
type Commit struct{ *restclient.Commit }

func newCommit(c *restclient.Commit) *Commit {
	if c == nil {
		return nil
	}
	return &Commit{c}
}

// SHA is the full SHA.
func (c *Commit) SHA() string { return c.Commit.ID }

// ShortSHA is the SHA's beginning.
func (c *Commit) ShortSHA() string { return c.ShortID }

// ParentSHAs are the full SHAs of its parents.
func (c *Commit) ParentSHAs() []string { return present(c.ParentIDs) }

// CommitTrailer is a trailer of a commit message with its values.
type CommitTrailer struct {
	Key    string
	Values []string
}

// Trailers are the message's trailers, in the order sent: extended_trailers with every value where
// it is sent, trailers with the last one otherwise.
func (c *Commit) Trailers() ([]*CommitTrailer, error) {
	if len(c.ExtendedTrailers) > 0 && !bytes.Equal(c.ExtendedTrailers, []byte("null")) {
		return trailers(c.ExtendedTrailers, func(d *json.Decoder, t *CommitTrailer) error { return d.Decode(&t.Values) })
	}
	return trailers(c.Commit.Trailers, func(d *json.Decoder, t *CommitTrailer) error {
		t.Values = make([]string, 1)
		return d.Decode(&t.Values[0])
	})
}

// trailers reads a JSON object in the order of its keys.
func trailers(object json.RawMessage, value func(*json.Decoder, *CommitTrailer) error) ([]*CommitTrailer, error) {
	all := []*CommitTrailer{}
	d := json.NewDecoder(bytes.NewReader(object))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return all, nil // left out, or null
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: err}
		}
		t := &CommitTrailer{}
		t.Key, _ = key.(string)
		if err := value(d, t); err != nil {
			return nil, &restclient.InvalidError{Reason: restclient.InvalidShape, Err: err}
		}
		t.Values = present(t.Values)
		all = append(all, t)
	}
	return all, nil
}

package documents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

// Manifest is a list of documents by their IDs.
type Manifest map[string]string

// Parse reads a manifest in one of the forms that client tools write:
//
//   - an object that maps IDs to texts, as Relay's compiler and the client preset of GraphQL Code
//     Generator write;
//   - Apollo's "apollo-persisted-query-manifest", version 1;
//   - what genqlient writes as export_operations: texts, whose IDs are their SHA-256 hashes.
func Parse(data []byte) (Manifest, error) {
	var listed struct {
		Format     string
		Version    int
		Operations []struct{ ID, Body, Query string }
	}
	if json.Unmarshal(data, &listed) == nil && (listed.Format != "" || listed.Operations != nil) {
		genqlient := listed.Format == ""
		if !genqlient && (listed.Format != "apollo-persisted-query-manifest" || listed.Version != 1) {
			return nil, fmt.Errorf("format %q version %d is not known", listed.Format, listed.Version)
		}
		m := Manifest{}
		for i, op := range listed.Operations {
			if genqlient && op.Query != "" {
				op.ID, op.Body = digest(op.Query), op.Query
			}
			if op.ID == "" || op.Body == "" {
				return nil, fmt.Errorf("operation %d has no ID or no text", i+1)
			}
			m[op.ID] = op.Body
		}
		return m, nil
	}
	var m Manifest
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&m); err != nil {
		return nil, errors.New("it is neither an object of documents by ID nor a list of operations as Apollo and genqlient write")
	}
	return m, nil
}

// Trusted is the documents of a manifest file. A nil Trusted has none.
type Trusted struct {
	file    string
	prepare func(Manifest) error
	tried   fileState // the version that was read last, usable or not
	now     atomic.Pointer[list]
}

// list is a manifest as it was last read.
type list struct {
	byID  Manifest
	texts map[string]struct{}
}

// fileState identifies one version of a file.
type fileState struct {
	size     int64
	modified time.Time
}

// maxManifest bounds the length of a manifest.
const maxManifest = 64 << 20

// Open returns the documents of a manifest file, which Load reads.
func Open(file string) *Trusted { return &Trusted{file: file} }

// Load reads the file for the first time. prepare is called with each version before it is used; a
// version that it refuses is not used.
func (t *Trusted) Load(prepare func(Manifest) error) error {
	t.prepare = prepare
	_, err := t.reload()
	return err
}

// reload reads the file if it has changed; it reports whether it had.
func (t *Trusted) reload() (bool, error) {
	info, err := os.Stat(t.file)
	if err != nil {
		return false, err
	}
	state := fileState{info.Size(), info.ModTime()}
	if state == t.tried {
		return false, nil
	}
	t.tried = state
	if info.Size() > maxManifest {
		return false, &fs.PathError{Op: "read", Path: t.file, Err: fmt.Errorf("longer than %d bytes", maxManifest)}
	}
	data, err := os.ReadFile(t.file)
	if err != nil {
		return false, err
	}
	m, err := Parse(data)
	if err == nil {
		err = t.prepare(m)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", t.file, err)
	}
	next := &list{byID: m, texts: make(map[string]struct{}, len(m))}
	for _, text := range m {
		next.texts[text] = struct{}{}
	}
	t.now.Store(next)
	return true, nil
}

// Watch reloads the file if it has changed at a tick, until ctx ends. It calls failed for a version
// that cannot be used, and keeps the one before it.
func (t *Trusted) Watch(ctx context.Context, ticks <-chan time.Time, reloaded func(documents int), failed func(error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		changed, err := t.reload()
		switch {
		case err != nil:
			failed(err)
		case changed:
			reloaded(t.Len())
		}
	}
}

// loaded returns the manifest, which is empty if there is none.
func (t *Trusted) loaded() *list {
	if t != nil {
		if l := t.now.Load(); l != nil {
			return l
		}
	}
	return &list{}
}

// Len returns the number of documents.
func (t *Trusted) Len() int { return len(t.loaded().byID) }

func (t *Trusted) find(id string) (string, bool) {
	text, ok := t.loaded().byID[id]
	return text, ok
}

// lists reports whether a text is exactly one of the documents.
func (t *Trusted) lists(text string) bool {
	_, ok := t.loaded().texts[text]
	return ok
}

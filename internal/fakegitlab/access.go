package fakegitlab

import (
	"fmt"
	"net/http"
	"strings"
)

// ChangeToken changes any property of a token: its scopes, its expiry, its limit.
func (s *Server) ChangeToken(value string, change func(*Token)) {
	s.Update(func(b *Builder) {
		t := b.world.tokens[value]
		if t == nil {
			panic("fakegitlab: no such token")
		}
		change(t)
	})
}

// RevokeToken revokes a token: its later requests are refused with 401.
func (s *Server) RevokeToken(value string) {
	s.ChangeToken(value, func(t *Token) { t.Revoked = true })
}

// SetRole changes a user's role in a project; NoRole ends the membership.
func (s *Server) SetRole(projectID int64, username string, role Role) {
	s.Update(func(b *Builder) {
		p := b.world.mustProject(projectID)
		for _, u := range b.world.users {
			if strings.EqualFold(u.Username, username) {
				p.members[u.ID] = role
				return
			}
		}
		panic("fakegitlab: no user " + username)
	})
}

// ChangeProject changes any property of a project except its ID and path.
func (s *Server) ChangeProject(id int64, change func(*Project)) {
	s.Update(func(b *Builder) { change(&b.world.mustProject(id).Project) })
}

// MoveProject gives a project another full path. From then on, reads of the old path are
// redirected.
func (s *Server) MoveProject(id int64, path string) {
	s.Update(func(b *Builder) {
		p, w := b.world.mustProject(id), b.world
		delete(w.paths, strings.ToLower(p.path))
		w.oldPaths[strings.ToLower(p.path)] = p
		p.path = path
		w.paths[strings.ToLower(path)] = p
	})
}

// RemoveProject removes a project with its pipelines and jobs. Bridges to them lose their
// downstream pipeline.
func (s *Server) RemoveProject(id int64) {
	s.Update(func(b *Builder) {
		p, w := b.world.mustProject(id), b.world
		gone := map[*pipeline]bool{}
		for _, pl := range p.pipelines {
			gone[pl] = true
		}
		w.removePipelines(gone)
		delete(w.projects, id)
		for _, paths := range []map[string]*project{w.paths, w.oldPaths} {
			for path, have := range paths {
				if have == p {
					delete(paths, path)
				}
			}
		}
	})
}

// RemovePipeline removes a pipeline with its jobs. Its downstream pipelines stay.
func (s *Server) RemovePipeline(id int64) {
	s.Update(func(b *Builder) {
		b.world.removePipelines(map[*pipeline]bool{b.PipelineBuilder(id).p: true})
	})
}

func (w *world) mustProject(id int64) *project {
	p := w.projects[id]
	if p == nil {
		panic(fmt.Sprintf("fakegitlab: no project %d", id))
	}
	return p
}

// credential returns the token that a request carries in a header.
func credential(r *http.Request) string {
	if value := r.Header.Get("Private-Token"); value != "" {
		return value
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return bearer
}

// tokenName returns the token name for the call log of a request that is answered by a fault
// without being processed.
func (s *Server) tokenName(r *http.Request) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.world.tokens[credential(r)]; t != nil {
		return t.Name
	}
	return ""
}

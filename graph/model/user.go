package model

import (
	"jobgraph/graph/gid"
	"jobgraph/restclient"
)

// User is a user as a job or runner carries one.
type User struct{ *restclient.User }

// NewUser returns a user as the graph has it; nil for none.
func NewUser(u *restclient.User) *User {
	if u == nil {
		return nil
	}
	return &User{u}
}

// ID is the global ID.
func (u *User) ID() string { return gid.User(u.User.ID) }

// DatabaseID is GitLab's number of the user.
func (u *User) DatabaseID() int64 { return u.User.ID }

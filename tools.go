//go:build tools

// Package main pins the code generator, so that everyone generates with the same one.
package main

import _ "github.com/99designs/gqlgen"

//go:generate go run github.com/99designs/gqlgen generate

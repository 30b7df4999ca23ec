// Package e2e tests the gateway from the outside: a query in, an answer and its exact REST calls
// out.
package e2e

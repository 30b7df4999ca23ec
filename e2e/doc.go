// Package e2e tests the whole: a query in, an answer and its exact REST calls out.
package e2e

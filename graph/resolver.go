// Package graph is the GraphQL side of the gateway: resolvers, one file for each schema file, that read their arguments and call one thing.
package graph

// Resolver is the root of the resolvers. It holds nothing: what a request loads lives in the request's loaders.
type Resolver struct{}

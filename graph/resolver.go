// Package graph is the GraphQL endpoint: resolvers, one file for each schema file, that read their
// arguments and call one function; and the handler that joins the executor with its transports.
//
// What the resolvers call has a package of its own:
//
//   - arguments reads arguments; selection decides from the selections what has to be fetched;
//   - loader reads from and writes to GitLab for one request; paging and relay page;
//   - mutation, subscription and logs are those parts of the schema;
//   - limits refuses documents before they cost; presenter shows errors, by the codes of errcode;
//   - model has the types that the schema is bound to; generated is gqlgen's output;
//   - projection is the fast engine, which answers common queries from GitLab's bytes.
package graph

// Resolver is the root of the resolvers. It is empty: what a request loads is in its
// loader.Request.
type Resolver struct{}

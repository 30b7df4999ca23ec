// Package projection answers the common queries without executing them field by field: it writes the answer straight from the bytes that
// GitLab sent.
//
//	query ──► plan (compiled once per operation) ──► sources: each distinct URL fetched once
//	                                                    │  one scan of each body finds the spans that are asked for
//	                                                    ▼
//	                          answer  ◄── objects: the spans, copied in the order of the selection
//
// A plan is a tree of two things. A source is something fetched (a list page, a job, a pipeline, a project); its rows are spans into the
// response's body, and the sources below it are fetched once for each distinct owner among its rows that need them. For node, nodes and projects
// the rows are the IDs themselves, and the sources below fetch the things of one kind each, so that one plan does for whatever IDs a request
// brings. An object is a selection on one type: a list of response keys, each with a function that writes its value from a row. The mapping of
// graph fields to REST keys stands in fields.go, and the shapes of REST's objects are read off restclient's types, so that this package accepts
// exactly what restclient would decode.
//
// The generated executor is the reference. The plan covers the happy path only and answers exactly as the executor does, byte for byte; whatever
// else happens — an upstream error, a null where the schema forbids it, JSON of another shape, a field that the plan does not cover — it steps aside
// and leaves the operation to the executor, which finds what was fetched already in the request's loaders, errors included, so that no call is made
// twice. The differential test in this package holds the two together.
//
// Read it in this order: shape.go, scan.go, key.go, value.go, plan.go, fields.go, compile.go, roots.go, named.go, project.go, run.go, write.go,
// schema.go.
package projection

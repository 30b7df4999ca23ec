// Package restclient reads and writes GitLab's REST Jobs API.
//
// A read is described by a [Get], a write by a [Post]; both are values made by one function an
// endpoint ([ProjectJobs], [SingleJob], [Retry], …) and are sent by a [Client]:
//
//	get := restclient.ProjectJobs("group/app", restclient.JobsOptions{Keyset: true})
//	jobs, response, err := restclient.Do(ctx, client, credential, get)
//
// A Get is comparable and its path is canonical, so equal requests are equal keys. [Client.Fetch]
// hands over the bytes of an answer for callers that do not need it decoded; [Decode] turns them
// into its type.
//
// What GitLab sends is kept as it was sent: times and fractions are the text that was sent, null
// and absent are not zero, and fields or values that this package does not know never cause an
// error.
//
// A failed call is one of four types: [*ArgumentError] (refused before any call), [*Error] (GitLab
// answered with an error status), [*InvalidError] (the answer is not what it should be) and
// [*TransportError] (there was no answer). None of them, nor a [Credential], ever prints a token or
// an address.
//
// API: https://docs.gitlab.com/api/jobs/
package restclient

import { graphql } from "./gql";

export const FinishedJobs = graphql(`
  query FinishedJobs($project: ID!, $after: String) {
    project(id: $project) {
      id
      jobs(first: 20, after: $after, statuses: [SUCCESS]) {
        nodes { ...JobLine }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const JobLine = graphql(`
  fragment JobLine on Job { id name status finishedAt }
`);

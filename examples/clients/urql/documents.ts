import { graphql } from "./gql";

export const Jobs = graphql(`
  query Jobs($project: ID!, $after: String) {
    project(id: $project) {
      id
      jobs(first: 20, after: $after) {
        edges { cursor node { id name status } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);

export const OneJob = graphql(`
  query OneJob($id: ID!) {
    node(id: $id) { __typename id ... on Job { name status } }
  }
`);

export const Cancel = graphql(`
  mutation Cancel($id: ID!) {
    jobCancel(input: { id: $id }) { job { id name status } userErrors { code message } }
  }
`);

export const Watch = graphql(`
  subscription Watch($id: ID!) {
    jobUpdated(id: $id) { id name status }
  }
`);

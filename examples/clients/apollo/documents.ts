import { gql, type TypedDocumentNode } from "@apollo/client";

export type Job = { __typename: "Job"; id: string; name: string; status: string };

export type JobsData = {
  project: { id: string; jobs: { edges: { cursor: string; node: Job }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } };
};

export const Jobs: TypedDocumentNode<JobsData, { project: string; after?: string | null }> = gql`
  query Jobs($project: ID!, $after: String) {
    project(id: $project) {
      id
      jobs(first: 20, after: $after) {
        edges {
          cursor
          node {
            id
            name
            status
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

export const OneJob: TypedDocumentNode<{ node: Job | null }, { id: string }> = gql`
  query OneJob($id: ID!) {
    node(id: $id) {
      id
      ... on Job {
        name
        status
      }
    }
  }
`;

type CancelData = { jobCancel: { job: Job | null; userErrors: { code: string; message: string }[] } | null };

export const Cancel: TypedDocumentNode<CancelData, { id: string }> = gql`
  mutation Cancel($id: ID!) {
    jobCancel(input: { id: $id }) {
      job {
        id
        name
        status
      }
      userErrors {
        code
        message
      }
    }
  }
`;

export const Watch: TypedDocumentNode<{ jobUpdated: Job }, { id: string }> = gql`
  subscription Watch($id: ID!) {
    jobUpdated(id: $id) {
      id
      name
      status
    }
  }
`;

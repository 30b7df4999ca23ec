import { graphql } from "./gql";

export const JobRow = graphql(`
  fragment JobRow on Processable {
    __typename
    id
    databaseId
    name
    stage
    status
    allowFailure
    failureReason
    startedAt
    finishedAt
    duration
    retryable
    playable
    active
    project { id databaseId }
    ... on Job { cancelable erasable }
    ... on Bridge { downstreamPipeline { id databaseId status project { id databaseId } } }
  }
`);

export const FailuresQuery = graphql(`
  query Failures($ids: [ID!]!) {
    projects(ids: $ids) {
      id
      databaseId
      fullPath
      latestPipeline { id status }
      pipelines(first: 5, statuses: [FAILED, SUCCESS]) {
        nodes {
          id
          databaseId
          status
          ref
          updatedAt
          jobs(statuses: [FAILED], first: 20) {
            nodes { id databaseId name stage failureReason allowFailure finishedAt }
          }
        }
      }
    }
  }
`);

export const ProjectQuery = graphql(`
  query Project($id: ID!) {
    project(id: $id) { id databaseId fullPath description defaultBranch webUrl }
  }
`);

export const PipelinesQuery = graphql(`
  query Pipelines($id: ID!, $first: Int!, $after: String, $ref: String, $statuses: [PipelineStatus!]) {
    project(id: $id) {
      id
      pipelines(first: $first, after: $after, ref: $ref, statuses: $statuses) {
        nodes { id databaseId status ref sha source createdAt updatedAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const JobsQuery = graphql(`
  query Jobs($id: ID!, $first: Int!, $after: String, $ref: String, $statuses: [JobStatus!], $filter: JobFilter) {
    project(id: $id) {
      id
      jobs(first: $first, after: $after, ref: $ref, statuses: $statuses, filter: $filter) {
        nodes { ...JobRow ref createdAt pipeline { id databaseId } runner { id description } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export const PipelineQuery = graphql(`
  query PipelinePage($project: ID!, $id: ID!) {
    pipeline(project: $project, id: $id) {
      id
      databaseId
      ref
      sha
      source
      webUrl
      createdAt
      user { id name }
      project { id databaseId fullPath }
      downstream { id databaseId status ref project { id databaseId fullPath } }
    }
  }
`);

export const PipelineLive = graphql(`
  subscription PipelineLive($id: ID!) {
    pipelineUpdated(id: $id) {
      pipeline {
        id
        status
        jobCounts { status count }
        stages { name status jobs { ...JobRow } }
      }
    }
  }
`);

export const JobQuery = graphql(`
  query JobPage($project: ID!, $id: ID!) {
    job(project: $project, id: $id) {
      ...JobRow
      ref
      createdAt
      queuedDuration
      webUrl
      tags
      user { id name }
      runner { id description }
      commit { sha shortSha title }
      pipeline { id databaseId }
      project { id databaseId fullPath }
      attempts { id databaseId status }
    }
  }
`);

export const JobLive = graphql(`
  subscription JobLive($id: ID!) {
    jobUpdated(id: $id) { ...JobRow }
  }
`);

export const LogLive = graphql(`
  subscription LogLive($id: ID!, $fromByte: BigInt) {
    jobLogAppended(id: $id, fromByte: $fromByte) { raw fromByte toByte complete }
  }
`);

export const Cancel = graphql(`
  mutation Cancel($id: ID!, $force: Boolean) {
    jobCancel(input: { id: $id, force: $force }) { job { ...JobRow } outcome userErrors { message code } }
  }
`);

export const Retry = graphql(`
  mutation Retry($id: ID!) {
    jobRetry(input: { id: $id }) { job { ...JobRow } userErrors { message code } }
  }
`);

export const Play = graphql(`
  mutation Play($id: ID!, $variables: [JobVariableInput!]) {
    jobPlay(input: { id: $id, variables: $variables }) { job { ...JobRow } userErrors { message code } }
  }
`);

import { graphql, useFragment, useLazyLoadQuery, useMutation, usePaginationFragment, useSubscription } from "react-relay";
import { useMemo } from "react";

import type { JobsCancelMutation } from "./__generated__/JobsCancelMutation.graphql";
import type { Jobs_job$key } from "./__generated__/Jobs_job.graphql";
import type { Jobs_project$key } from "./__generated__/Jobs_project.graphql";
import type { JobsNextPageQuery } from "./__generated__/JobsNextPageQuery.graphql";
import type { JobsQuery } from "./__generated__/JobsQuery.graphql";
import type { JobsWatchSubscription } from "./__generated__/JobsWatchSubscription.graphql";

export function JobsPage({ project }: { project: string }) {
  const data = useLazyLoadQuery<JobsQuery>(
    graphql`
      query JobsQuery($project: ID!) {
        project(id: $project) {
          ...Jobs_project
        }
      }
    `,
    { project },
  );
  return data.project ? <Jobs project={data.project} /> : <p>Not found.</p>;
}

function Jobs({ project }: { project: Jobs_project$key }) {
  const { data, loadNext, hasNext } = usePaginationFragment<JobsNextPageQuery, Jobs_project$key>(
    graphql`
      fragment Jobs_project on Project
      @refetchable(queryName: "JobsNextPageQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
        jobs(first: $count, after: $cursor) @connection(key: "Jobs_jobs") {
          edges {
            node {
              id
              ...Jobs_job
            }
          }
        }
      }
    `,
    project,
  );
  return (
    <>
      <ul>
        {data.jobs?.edges.map(({ node }) => <Job key={node.id} job={node} />)}
      </ul>
      {hasNext && <button onClick={() => loadNext(20)}>More</button>}
    </>
  );
}

function Job({ job }: { job: Jobs_job$key }) {
  const { id, name, status, cancelable } = useFragment(
    graphql`
      fragment Jobs_job on Job {
        id
        name
        status
        cancelable
      }
    `,
    job,
  );
  const [cancel] = useMutation<JobsCancelMutation>(graphql`
    mutation JobsCancelMutation($id: ID!) {
      jobCancel(input: { id: $id }) {
        job {
          ...Jobs_job
        }
        userErrors {
          code
          message
        }
      }
    }
  `);
  return (
    <li id={id}>
      {name}: {status} {cancelable && <button onClick={() => cancel({ variables: { id } })}>Cancel</button>}
    </li>
  );
}

/** Keeps a job of the store up to date, for as long as it is shown. */
export function Watched({ id }: { id: string }) {
  const config = useMemo(
    () => ({
      subscription: graphql`
        subscription JobsWatchSubscription($id: ID!) {
          jobUpdated(id: $id) {
            ...Jobs_job @alias(as: "job")
          }
        }
      `,
      variables: { id },
    }),
    [id],
  );
  useSubscription<JobsWatchSubscription>(config);
  return null;
}

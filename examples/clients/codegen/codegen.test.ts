import { expect, test } from "vitest";

import { open, project, recorder, token, trusting } from "../test/gateways";
import { type Answer, createExecute } from "./client";
import { FinishedJobs, JobLine } from "./documents";
import { useFragment } from "./gql";
import type { FinishedJobsQuery } from "./gql/graphql";

test("a document is executed by its hash, where nothing else is", async () => {
  const { sent, fetch } = recorder();
  const execute = createExecute(trusting, token, fetch);
  const names: string[] = [];
  let after: string | null | undefined = null;
  do {
    const answer: Answer<FinishedJobsQuery> = await execute(FinishedJobs, { project, after });
    expect(answer.errors).toBeUndefined();
    const jobs = answer.data!.project!.jobs!;
    names.push(...useFragment(JobLine, jobs.nodes).map((job) => job.name));
    after = jobs.pageInfo.hasNextPage ? jobs.pageInfo.endCursor : null;
  } while (after);
  expect(new Set(names).size).toBe(44);
  expect(sent).toHaveLength(3);
  expect(sent.every(({ body }) => body.query === undefined)).toBe(true);
});

test("a document that the manifest does not list is refused", async () => {
  const response = await fetch(trusting, {
    method: "POST",
    headers: { "Content-Type": "application/json", "PRIVATE-TOKEN": token },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  expect((await response.json()).errors[0].extensions.code).toBe("QUERY_NOT_IN_SAFELIST");
});

test("a document that was not registered is told by its code", async () => {
  const { errors } = await createExecute(open, token)(FinishedJobs, { project });
  expect(errors?.[0]?.extensions.code).toBe("PERSISTED_QUERY_NOT_FOUND");
});

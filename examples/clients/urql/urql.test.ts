import type { OperationResult } from "@urql/core";
import { expect, test } from "vitest";
import WebSocket from "ws";

import { open, pendingJob, project, recorder, token, trusting } from "../test/gateways";
import { createClient } from "./client";
import { Cancel, Jobs, OneJob, Watch } from "./documents";
import type { JobsQuery } from "./gql/graphql";

test("pages over a project's jobs are one list of the cache", async () => {
  const client = createClient({ url: open, token, trusted: false, webSocketImpl: WebSocket });
  let after: string | null | undefined = null;
  do {
    const page: OperationResult<JobsQuery> = await client.query(Jobs, { project, after });
    expect(page.error).toBeUndefined();
    const info = page.data?.project?.jobs?.pageInfo;
    after = info?.hasNextPage ? info.endCursor : null;
  } while (after);
  const all = client.readQuery(Jobs, { project })?.data?.project?.jobs?.edges.map((e) => e.node.id);
  expect(all).toHaveLength(45);
  expect(new Set(all).size).toBe(45);
});

test("an automatic persisted query is sent once in full, and then by its hash, by GET", async () => {
  const { sent, fetch } = recorder();
  const client = createClient({ url: open, token, trusted: false, fetch, webSocketImpl: WebSocket });
  for (const id of [pendingJob, "gid://gitlab/Project/1/Job/101"]) {
    const { data } = await client.query(OneJob, { id });
    expect(data?.node?.id).toBe(id);
  }
  const full = ({ url, body }: (typeof sent)[number]) => Boolean(body?.query || url.searchParams.get("query"));
  expect(sent.map((r) => `${r.method} ${full(r) ? "text" : "hash"}`)).toEqual(["GET hash", expect.stringMatching(/text$/), "GET hash"]);
});

test("documents are named by the manifest's hashes, where nothing else is executed", async () => {
  const { sent, fetch } = recorder();
  const client = createClient({ url: trusting, token, trusted: true, fetch, webSocketImpl: WebSocket });
  const { data, error } = await client.query(OneJob, { id: pendingJob });
  expect(error).toBeUndefined();
  expect(data?.node).toMatchObject({ id: pendingJob, status: "PENDING" });
  expect(sent.map(({ body }) => body.query || "no text")).toEqual(["no text"]);
});

test("a mutation and a subscription update the cached job by its id", async () => {
  const client = createClient({ url: open, token, trusted: false, webSocketImpl: WebSocket });
  const id = pendingJob;
  await client.query(OneJob, { id });
  const cached = () => {
    const node = client.readQuery(OneJob, { id })?.data?.node;
    return node?.__typename === "Job" ? node.status : undefined;
  };
  expect(cached()).toBe("PENDING");
  const told: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.subscription(Watch, { id }).subscribe(({ data, error, hasNext }) => {
      if (error) return reject(error);
      if (data?.jobUpdated && told.at(-1) !== data.jobUpdated.status) told.push(data.jobUpdated.status);
      if (told.length === 1) client.mutation(Cancel, { id }).toPromise().catch(reject);
      if (hasNext === false || told.at(-1) === "CANCELED") resolve();
    });
  });
  expect(told).toEqual(["PENDING", "CANCELED"]);
  expect(cached()).toBe("CANCELED");
});

test("an error's code reaches the application", async () => {
  const client = createClient({ url: open, token, trusted: false, webSocketImpl: WebSocket });
  const { error } = await client.query(OneJob, { id: "gid://gitlab/Project/1/Job/999" });
  expect(error?.graphQLErrors.map((e) => e.extensions["code"])).toEqual(["NOT_FOUND"]);
});

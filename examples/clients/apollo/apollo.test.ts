import { CombinedGraphQLErrors } from "@apollo/client";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import WebSocket from "ws";

import { open, pendingJob, project, recorder, token, trusting } from "../test/gateways";
import { createClient } from "./client";
import { Cancel, Jobs, type JobsData, OneJob, Watch } from "./documents";

type Page = JobsData["project"]["jobs"];

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("fetchMore pages over a project's jobs into one list of the cache", async () => {
  const client = createClient({ uri: open, token, persisted: { sha256 }, webSocketImpl: WebSocket });
  const jobs = client.watchQuery({ query: Jobs, variables: { project } });
  const first = new Promise<Page>((resolve) => jobs.subscribe(({ data, dataState }) => dataState === "complete" && resolve(data.project.jobs)));
  let page: Page | undefined = await first;
  while (page?.pageInfo.hasNextPage) {
    const more: { data?: JobsData } = await jobs.fetchMore({ variables: { after: page.pageInfo.endCursor } });
    page = more.data?.project.jobs;
  }
  const all = client.readQuery({ query: Jobs, variables: { project } })?.project.jobs.edges.map((e) => e.node.id);
  expect(all).toHaveLength(45);
  expect(new Set(all).size).toBe(45);
  client.stop();
});

test("an automatic persisted query is sent once in full, and then by its hash, by GET", async () => {
  const { sent, fetch } = recorder();
  const client = createClient({ uri: open, token, fetch, persisted: { sha256, useGETForHashedQueries: true }, webSocketImpl: WebSocket });
  for (const id of [pendingJob, "gid://gitlab/Project/1/Job/101"]) {
    const { data } = await client.query({ query: OneJob, variables: { id } });
    expect(data?.node?.id).toBe(id);
  }
  const full = ({ url, body }: (typeof sent)[number]) => Boolean(body?.query ?? url.searchParams.get("query"));
  expect(sent.map((r) => `${r.method} ${full(r) ? "text" : "hash"}`)).toEqual(["GET hash", expect.stringMatching(/text$/), "GET hash"]);
  client.stop();
});

test("documents are named by the manifest's IDs, where nothing else is executed", async () => {
  const { sent, fetch } = recorder();
  const manifest = JSON.parse(readFileSync("apollo/apollo.manifest.json", "utf8"));
  const persisted = generatePersistedQueryIdsFromManifest({ loadManifest: async () => manifest });
  const client = createClient({ uri: trusting, token, fetch, persisted, webSocketImpl: WebSocket });
  const { data } = await client.query({ query: OneJob, variables: { id: pendingJob } });
  expect(data?.node?.status).toBe("PENDING");
  expect(sent.map(({ body }) => body.query)).toEqual([undefined]);
  client.stop();
});

test("a mutation and a subscription update the cached job by its id", async () => {
  const client = createClient({ uri: open, token, persisted: { sha256 }, webSocketImpl: WebSocket });
  const variables = { id: pendingJob };
  await client.query({ query: OneJob, variables });
  const cached = () => client.readQuery({ query: OneJob, variables })?.node?.status;
  expect(cached()).toBe("PENDING");
  const told: (string | undefined)[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe({ query: Watch, variables }).subscribe({
      next: ({ data }) => {
        told.push(data?.jobUpdated.status);
        // Cancel once the first state is there: what follows is pushed.
        if (told.length === 1) client.mutate({ mutation: Cancel, variables }).catch(reject);
      },
      error: reject,
      complete: resolve,
    });
  });
  await ended;
  expect(told).toEqual(["PENDING", "CANCELED"]);
  expect(cached()).toBe("CANCELED");
  const { data } = await client.mutate({ mutation: Cancel, variables });
  expect(data?.jobCancel?.job?.status).toBe("CANCELED");
  client.stop();
});

test("an error's code reaches the application", async () => {
  const client = createClient({ uri: open, token, persisted: { sha256 }, webSocketImpl: WebSocket });
  const failed = client.query({ query: OneJob, variables: { id: "gid://gitlab/Project/1/Job/999" } });
  const error = await failed.then(() => undefined, (e: unknown) => e);
  expect(CombinedGraphQLErrors.is(error) && error.errors.map((e) => e.extensions?.["code"])).toEqual(["NOT_FOUND"]);
  client.stop();
});

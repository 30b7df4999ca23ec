// @vitest-environment happy-dom
import { act, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { RelayEnvironmentProvider } from "react-relay";
import { expect, test, vi } from "vitest";
import WebSocket from "ws";

import { pendingJob, project, recorder, token, trusting } from "../test/gateways";
import { createEnvironment } from "./environment";
import { JobsPage, Watched } from "./Jobs";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

// What arrived is rendered before each look at it.
const eventually = (assertion: () => void) =>
  vi.waitFor(async () => (await act(async () => {}), assertion()), { timeout: 20_000 });

test("Relay pages, cancels and watches by the IDs of its manifest, where nothing else is executed", async () => {
  const { sent, fetch } = recorder();
  const environment = createEnvironment({ uri: trusting, token, fetch, webSocketImpl: WebSocket });
  const page = document.body.appendChild(document.createElement("div"));
  const root = createRoot(page);
  await act(async () =>
    root.render(
      <RelayEnvironmentProvider environment={environment}>
        <Suspense fallback="Loading">
          <JobsPage project={project} />
          <Watched id={pendingJob} />
        </Suspense>
      </RelayEnvironmentProvider>,
    ),
  );
  const shown = () => [...page.querySelectorAll("li")];
  const press = (label: string) =>
    act(async () => [...page.querySelectorAll("button")].find((b) => b.textContent === label)!.click());

  await eventually(() => expect(shown()).toHaveLength(20));
  await press("More");
  await eventually(() => expect(shown()).toHaveLength(40));
  await press("More");
  await eventually(() => expect(shown()).toHaveLength(45));
  expect(new Set(shown().map((line) => line.id)).size).toBe(45);
  expect(page.textContent).not.toContain("More");

  const pending = () => document.getElementById(pendingJob)!.textContent;
  expect(pending()).toContain("PENDING");
  await press("Cancel");
  await eventually(() => expect(pending()).toContain("CANCELED"));

  expect(sent.map(({ body }) => body.query)).toEqual([undefined, undefined, undefined, undefined]);
  await act(async () => root.unmount());
});

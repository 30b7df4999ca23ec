// The gateways that the tests run against, as e2e/examples_test.go starts them.
const variable = (name: string) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run go test -tags clients -run Examples ./e2e`);
  return value;
};

/** A gateway that runs any document. */
export const open = variable("GATEWAY") + "/graphql";

/** A gateway that runs nothing but the documents of the client's manifest. */
export const trusting = variable("TRUSTING") + "/graphql";

export const token = variable("TOKEN");

/** A project with 45 jobs: the newest, which is pending, and those that have succeeded. */
export const project = "group/app";
export const pendingJob = "gid://gitlab/Project/1/Job/145";

/** The requests that a client sends, as method, path and body. */
export function recorder() {
  const sent: { method: string; url: URL; body: any }[] = [];
  const recording: typeof fetch = (input, init) => {
    const method = init?.method ?? "GET";
    sent.push({ method, url: new URL(String(input)), body: init?.body ? JSON.parse(String(init.body)) : undefined });
    return fetch(input, init);
  };
  return { sent, fetch: recording };
}

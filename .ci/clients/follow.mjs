// Follows a job, its pipeline and its log to their ends with a client that others wrote, and prints each event as a line
// of JSON: node follow.mjs CLIENT ENDPOINT TOKEN JOB PIPELINE
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Client as Urql, fetchExchange } from "@urql/core";
import { createClient as createSSE } from "graphql-sse";
import { createClient as createWS } from "graphql-ws";
import WebSocket from "ws";

const [name, endpoint, token, job, pipeline] = process.argv.slice(2);
const headers = { "PRIVATE-TOKEN": token };

// Each client is a function that subscribes and returns nothing: it calls the sink, and complete at the end.
const clients = {
  "graphql-ws": () => {
    const client = createWS({ url: endpoint.replace(/^http/, "ws"), connectionParams: headers, webSocketImpl: WebSocket });
    return { subscribe: (query, variables, sink) => client.subscribe({ query, variables }, sink), end: () => client.dispose() };
  },
  "graphql-sse": () => {
    const client = createSSE({ url: endpoint, headers, retryAttempts: 5 });
    return { subscribe: (query, variables, sink) => client.subscribe({ query, variables }, sink), end: () => client.dispose() };
  },
  apollo: () => {
    const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([new HttpLink({ uri: endpoint, headers })]) });
    return {
      subscribe: (query, variables, sink) =>
        client.subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" }).subscribe({
          next: ({ data, error }) => (error ? sink.error(error) : sink.next({ data })),
          error: sink.error,
          complete: sink.complete,
        }),
      end: () => client.stop(),
    };
  },
  urql: () => {
    const client = new Urql({ url: endpoint, preferGetMethod: false, exchanges: [fetchExchange], fetchSubscriptions: true, fetchOptions: { headers } });
    return {
      subscribe: (query, variables, sink) => {
        client.subscription(query, variables).subscribe((result) => {
          // The end of a stream comes as one more result, with the data of the last.
          if (result.error) sink.error(result.error);
          else if (result.hasNext === false) sink.complete();
          else if (result.data) sink.next({ data: result.data });
        });
      },
      end: () => {},
    };
  },
};

const print = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const client = clients[name]();

function follow(what, query, variables, onData) {
  return new Promise((resolve, reject) => {
    client.subscribe(query, variables, {
      next: ({ data, errors }) => (errors ? reject(new Error(JSON.stringify(errors))) : onData(data)),
      error: (e) => reject(e instanceof Error ? e : new Error(JSON.stringify(e))),
      complete: () => (print({ completed: what }), resolve()),
    });
  });
}

const log = [];
let bytes = 0;
try {
  await Promise.all([
    follow("job", "subscription J($id: ID!) { jobUpdated(id: $id) { id name status } }", { id: job }, (d) => print({ job: d.jobUpdated.status })),
    follow("pipeline", "subscription P($id: ID!) { pipelineUpdated(id: $id) { pipeline { status } changedJobs { id status } } }", { id: pipeline }, (d) =>
      print({ pipeline: d.pipelineUpdated.pipeline.status, changed: d.pipelineUpdated.changedJobs.length }),
    ),
    follow("log", "subscription L($id: ID!) { jobLogAppended(id: $id) { rawBase64 fromByte toByte complete } }", { id: job }, (d) => {
      const chunk = d.jobLogAppended;
      if (chunk.fromByte !== bytes) throw new Error(`a chunk begins at ${chunk.fromByte}, not at ${bytes}`);
      bytes = chunk.toByte;
      log.push(Buffer.from(chunk.rawBase64, "base64"));
      print({ log: bytes, complete: chunk.complete });
    }),
  ]);
  print({ text: Buffer.concat(log).toString("base64") });
} catch (e) {
  print({ failed: String(e?.message ?? e) });
  process.exitCode = 1;
}
client.end();

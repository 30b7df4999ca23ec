// Asks for a job whose log is deferred with a client that others wrote, and prints each result as a line of JSON:
// node defer.mjs CLIENT ENDPOINT TOKEN JOB
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { Client as Urql, fetchExchange } from "@urql/core";

const [name, endpoint, token, job] = process.argv.slice(2);
const headers = { "PRIVATE-TOKEN": token };
const query = `query J($id: ID!) { node(id: $id) { __typename id ... on Job { name ... @defer(label: "log") { log { text } } } } }`;
const print = (event) => process.stdout.write(JSON.stringify(event) + "\n");
const told = (data, complete) => print({ name: data?.node?.name, text: data?.node?.log?.text, complete });

// The name of the format that the client's request names, and that of the answer.
const recording = async (input, init) => {
  const response = await fetch(input, init);
  print({ accept: new Headers(init.headers).get("accept"), type: response.headers.get("content-type") });
  return response;
};

const apollo = (incrementalHandler) => () => {
  const cache = new InMemoryCache({ possibleTypes: { Node: ["Job", "Bridge", "Pipeline", "Project"] } });
  const client = new ApolloClient({ cache, link: new HttpLink({ uri: endpoint, headers, fetch: recording }), incrementalHandler });
  const fail = (error) => (print({ failed: String(error?.message ?? error) }), process.exit(1));
  client.watchQuery({ query: gql(query), variables: { id: job } }).subscribe({
    next: ({ data, dataState, error }) => {
      if (error) fail(error);
      if (dataState === "complete" || dataState === "streaming") told(data, dataState === "complete");
      if (dataState === "complete") client.stop();
    },
    error: fail,
  });
};

const clients = {
  "apollo 20220824": apollo(new Defer20220824Handler()),
  "apollo v0.2": apollo(new GraphQL17Alpha9Handler()),
  urql: () => {
    const client = new Urql({ url: endpoint, preferGetMethod: false, exchanges: [fetchExchange], fetch: recording, fetchOptions: { headers } });
    client.query(query, { id: job }).subscribe(({ data, error, hasNext }) => {
      if (error) print({ failed: error.message });
      else told(data, !hasNext);
    });
  },
};

clients[name]();

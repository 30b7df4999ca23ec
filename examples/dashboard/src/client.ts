import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";

const endpoint = "/graphql";

const sockets = createClient({
  url: () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${endpoint}`,
  connectionParams: () => credential(),
  // The connection is opened with the first subscription and tried again for as long as there is one.
  lazy: true,
  retryAttempts: Infinity,
  shouldRetry: () => true,
});

// credential is the caller's own token, kept for this tab alone. Without one the demo's is used.
export function credential(): Record<string, string> {
  const token = sessionStorage.getItem("token");
  return token ? { "PRIVATE-TOKEN": token } : {};
}

export function setToken(token: string) {
  if (token) sessionStorage.setItem("token", token);
  else sessionStorage.removeItem("token");
  location.reload();
}

export const client = new Client({
  url: endpoint,
  preferGetMethod: false,
  fetchOptions: () => ({ headers: credential() }),
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({
          unsubscribe: sockets.subscribe({ query: request.query ?? "", variables: request.variables }, sink),
        }),
      }),
    }),
  ],
});

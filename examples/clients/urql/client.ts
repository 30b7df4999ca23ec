import { Client, fetchExchange, subscriptionExchange, type TypedDocumentNode } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient as createSocket } from "graphql-ws";

type Options = {
  url: string;
  token: string;
  /** Whether documents are those of the manifest that GraphQL Code Generator wrote: then no text is ever sent. */
  trusted: boolean;
  fetch?: typeof fetch;
  webSocketImpl?: unknown;
};

// The hash that GraphQL Code Generator wrote into a document, as sha256:….
const listedHash = async (_: string, document: TypedDocumentNode) =>
  (document as { __meta__?: { hash: string } }).__meta__?.hash.replace("sha256:", "") ?? "";

export function createClient({ url, token, trusted, fetch, webSocketImpl }: Options) {
  const headers = { "PRIVATE-TOKEN": token };
  const socket = createSocket({ url: url.replace(/^http/, "ws"), connectionParams: headers, webSocketImpl });
  return new Client({
    url,
    fetch,
    fetchOptions: { headers },
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ resolvers: { Project: { jobs: relayPagination() } } }),
      persistedExchange(
        trusted
          ? { enforcePersistedQueries: true, enableForMutation: true, generateHash: listedHash, preferGetForPersistedQueries: false }
          : { preferGetForPersistedQueries: true },
      ),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables, extensions }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables, extensions }, sink) }),
        }),
      }),
    ],
  });
}

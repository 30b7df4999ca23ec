import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient as createSocket } from "graphql-ws";

type Options = {
  uri: string;
  token: string;
  /** How a document is named: by the hash of its text, which is registered when it is sent for the first time, or by a manifest's ID. */
  persisted: PersistedQueryLink.Options;
  fetch?: typeof fetch;
  webSocketImpl?: unknown;
};

// Filters are part of a list's identity, page arguments are not.
const cache = () =>
  new InMemoryCache({
    possibleTypes: { Node: ["Project", "Pipeline", "Job", "Bridge"], Processable: ["Job", "Bridge"] },
    typePolicies: {
      Project: { fields: { jobs: relayStylePagination(["statuses", "ref", "filter"]) } },
      Pipeline: { fields: { jobs: relayStylePagination(["statuses", "includeRetried", "filter"]), bridges: relayStylePagination(["statuses"]) } },
    },
  });

export function createClient({ uri, token, persisted, fetch, webSocketImpl }: Options) {
  const headers = { "PRIVATE-TOKEN": token };
  const socket = createSocket({ url: uri.replace(/^http/, "ws"), connectionParams: headers, webSocketImpl });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    ApolloLink.from([new PersistedQueryLink(persisted), new HttpLink({ uri, headers, fetch })]),
  );
  return new ApolloClient({ link, cache: cache() });
}

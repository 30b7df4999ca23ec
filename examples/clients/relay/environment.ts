import { createClient as createSocket } from "graphql-ws";
import { Environment, Network, Observable, RecordSource, Store, type GraphQLResponse, type RequestParameters, type Variables } from "relay-runtime";

type Options = { uri: string; token: string; fetch?: typeof fetch; webSocketImpl?: unknown };

/** Returns an environment whose requests name their documents by the IDs that relay-compiler wrote into its manifest. */
export function createEnvironment({ uri, token, fetch: send = fetch, webSocketImpl }: Options) {
  const headers = { "PRIVATE-TOKEN": token };
  const fetchFunction = async ({ id }: RequestParameters, variables: Variables) => {
    const response = await send(uri, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json", ...headers },
      body: JSON.stringify({ documentId: id, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  };
  const socket = createSocket({ url: uri.replace(/^http/, "ws"), connectionParams: headers, webSocketImpl });
  const subscribeFunction = ({ id }: RequestParameters, variables: Variables) =>
    Observable.create<GraphQLResponse>((sink) =>
      socket.subscribe(
        { query: "", variables, extensions: { persistedQuery: { version: 1, sha256Hash: id } } },
        { next: (value) => sink.next(value as GraphQLResponse), error: sink.error, complete: sink.complete },
      ),
    );
  return new Environment({ network: Network.create(fetchFunction, subscribeFunction), store: new Store(new RecordSource()) });
}

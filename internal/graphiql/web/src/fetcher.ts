import { getOperationAST, parse, type OperationDefinitionNode } from 'graphql';
import type { Fetcher, FetcherParams, FetcherResultPayload } from '@graphiql/toolkit';
import { createClient, NetworkError, type RequestParams } from 'graphql-sse';

import type { Insight } from './insight';
import { loadToken } from './token';

type Headers = Record<string, string>;

const CREDENTIALS = ['private-token', 'job-token', 'authorization'];

// A credential written in the headers editor speaks for its operation alone, so it beats the token field.
function credential(editorHeaders: Headers): Headers {
  const token = loadToken();
  const given = Object.keys(editorHeaders).some(name => CREDENTIALS.includes(name.toLowerCase()));
  return token && !given ? { 'PRIVATE-TOKEN': token } : {};
}

// GraphiQL reads the operation's name from the text a moment after it changed, so a new text may come with an old name.
function findOperation({ query, operationName }: FetcherParams): OperationDefinitionNode | null | undefined {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null; // the server says better what is wrong with it
  }
}

async function post(endpoint: string, params: object, headers: Headers): Promise<FetcherResultPayload> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return answer(response);
}

// Not everything on the way answers in JSON: a proxy's error page is shown as it is.
async function answer(response: Response): Promise<FetcherResultPayload> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status} ${response.statusText}\n${text}`);
  }
}

// Server-sent events carry the headers of a request, which a WebSocket opened by a browser cannot.
async function* subscribe(endpoint: string, params: RequestParams, headers: Headers) {
  const client = createClient({ url: endpoint, headers, retryAttempts: 0 });
  try {
    yield* client.iterate(params);
  } catch (error) {
    if (error instanceof NetworkError && error.response instanceof Response) {
      yield await answer(error.response);
      return;
    }
    throw error;
  }
}

// GraphiQL sends the query of the schema by itself: nobody asks what that costs.
const INTROSPECTION = 'IntrospectionQuery';

/** Runs operations at the endpoint: subscriptions as server-sent events, all others as one POST. */
export function createFetcher(endpoint: string, insight: Insight): Fetcher {
  return (params, options) => {
    const editorHeaders: Headers = options?.headers ?? {};
    const headers = { ...credential(editorHeaders), ...editorHeaders };
    const operation = findOperation(params);
    const request = { ...params, operationName: operation?.name?.value };
    if (operation?.operation === 'subscription') {
      return subscribe(endpoint, request, headers) as AsyncGenerator<FetcherResultPayload>;
    }
    const name = request.operationName ?? 'the query';
    return insight.asked && name !== INTROSPECTION
      ? explained(name, { ...request, extensions: { plan: true, upstream: true } })
      : post(endpoint, request, headers);

    async function explained(name: string, params: object): Promise<FetcherResultPayload> {
      const result = await post(endpoint, params, headers);
      insight.tell(name, result);
      return result;
    }
  };
}

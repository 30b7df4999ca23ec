/** An example query, as the server read it from its files. Variables and headers are JSON text. */
export interface Example {
  name: string;
  description: string;
  query: string;
  variables: string;
  headers: string;
}

/** A token that the page offers beside the token field. */
export interface DemoToken {
  name: string;
  value: string;
}

/** What the server tells the page, in the data attribute of its root element. */
export interface Config {
  endpoint: string;
  examples: Example[];
  demoTokens: DemoToken[];
}

export function readConfig(root: HTMLElement): Config {
  return JSON.parse(root.dataset.config ?? '') as Config;
}

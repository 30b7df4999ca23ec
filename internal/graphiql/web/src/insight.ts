/** What an answer cost: the gateway's extension "upstream". */
export interface Cost {
  calls: number;
  retries?: number;
  redirects?: number;
  coalesced?: number;
  milliseconds: number;
}

/** What the gateway told of the operation that ran last. */
export interface Told {
  operation: string;
  plan?: string;
  upstream?: Cost;
}

/** Lets the fetcher ask for the plan and the cost of operations while a panel shows them. */
export class Insight {
  #watchers = new Set<() => void>();
  #last: Told | undefined;

  /** Whether anybody looks: only then it is asked for. */
  get asked(): boolean {
    return this.#watchers.size > 0;
  }

  readonly last = (): Told | undefined => this.#last;

  readonly watch = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  tell(operation: string, answer: unknown): void {
    const { extensions } = answer as { extensions?: Omit<Told, 'operation'> };
    this.#last = { operation, plan: extensions?.plan, upstream: extensions?.upstream };
    this.#watchers.forEach(changed => changed());
  }
}

import type { GraphiQLPlugin } from '@graphiql/react';
import { useSyncExternalStore } from 'react';

import type { Cost, Insight } from './insight';

function PlanIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
      <path d="M6 4v16M6 8h8M6 14h5" />
      <circle cx="17" cy="8" r="2.5" />
      <circle cx="14" cy="14" r="2.5" />
    </svg>
  );
}

function CostList({ cost }: { cost: Cost }) {
  const facts: [string, number | string | undefined][] = [
    ['calls to GitLab', cost.calls],
    ['of these, retries', cost.retries],
    ['of these, redirects', cost.redirects],
    ['reads shared with others', cost.coalesced],
    ['waited for them', `${cost.milliseconds} ms`],
  ];
  return (
    <dl>
      {facts.map(
        ([name, value]) =>
          Boolean(value) && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Plan({ insight }: { insight: Insight }) {
  const last = useSyncExternalStore(insight.watch, insight.last);
  return (
    <section className="plan" aria-label="Plan and cost">
      <h2>Plan and cost</h2>
      {!last && <p>Press play: what the query does is shown here.</p>}
      <div aria-live="polite">
        {last?.upstream && (
          <>
            <h3>What {last.operation} cost</h3>
            <CostList cost={last.upstream} />
          </>
        )}
        {last?.plan && (
          <>
            <h3>How it runs</h3>
            <pre tabIndex={0}>{last.plan}</pre>
          </>
        )}
        {last && !last.plan && <p>The gateway shows plans of queries where its operator has set -explain.</p>}
      </div>
    </section>
  );
}

/** The side panel that shows the plan and the cost of what ran last. */
export function planPlugin(insight: Insight): GraphiQLPlugin {
  return { title: 'Plan and cost', icon: PlanIcon, content: () => <Plan insight={insight} /> };
}

import { useEditorContext, type GraphiQLPlugin } from '@graphiql/react';
import { useEffect, useState } from 'react';

import type { Example } from './config';

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
      <path d="M9 6h11M9 12h11M9 18h11" />
      <path d="M3 4.5v3l2.5-1.5zM3 10.5v3l2.5-1.5zM3 16.5v3l2.5-1.5z" fill="currentColor" stroke="none" />
    </svg>
  );
}

/** Opens an example in the tab that already shows it, or else in a new one. */
function useOpenExample(): (example: Example) => void {
  const { tabs, activeTabIndex, changeTab, addTab, queryEditor, variableEditor, headerEditor } = useEditorContext({
    nonNull: true,
  });
  const [opening, setOpening] = useState<Example | null>(null);

  // The editors show the newly chosen tab only after it was rendered.
  useEffect(() => {
    if (!opening) {
      return;
    }
    queryEditor?.setValue(opening.query);
    variableEditor?.setValue(opening.variables);
    headerEditor?.setValue(opening.headers);
    setOpening(null);
  }, [opening, activeTabIndex, queryEditor, variableEditor, headerEditor]);

  return example => {
    const index = tabs.findIndex(tab => tab.query === example.query);
    if (index < 0) {
      addTab();
    } else if (index !== activeTabIndex) {
      changeTab(index);
    }
    setOpening(example);
  };
}

function Examples({ examples }: { examples: Example[] }) {
  const open = useOpenExample();
  const { tabs, activeTabIndex } = useEditorContext({ nonNull: true });
  const shown = tabs[activeTabIndex]?.query;
  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <p>Choose one, then press play.</p>
      <ol>
        {examples.map(example => (
          <li key={example.name}>
            <button type="button" aria-current={example.query === shown} onClick={() => open(example)}>
              <strong>{example.name}</strong>
              {example.description && <span>{example.description}</span>}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The side panel that lists the examples. */
export function examplesPlugin(examples: Example[]): GraphiQLPlugin {
  return { title: 'Examples', icon: ExamplesIcon, content: () => <Examples examples={examples} /> };
}

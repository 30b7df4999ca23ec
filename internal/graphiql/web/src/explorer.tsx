import { explorerPlugin } from '@graphiql/plugin-explorer';
import { DOC_EXPLORER_PLUGIN, DocExplorerContextProvider } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryContextProvider } from '@graphiql/plugin-history';
import { GraphiQLProvider, usePluginStore } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useState, type ReactNode } from 'react';

import type { Config } from './config';
import { examplesPlugin } from './examples';
import { createFetcher } from './fetcher';
import { Insight } from './insight';
import { TabLeavesEditors } from './keyboard';
import { planPlugin } from './plan';
import { storage } from './storage';

// GraphiQLInterface hides the side panel for good if no plugin is visible when it is first rendered, and
// GraphiQLProvider makes one visible only after that.
function OncePanelIsOpen({ children }: { children: ReactNode }) {
  const { visiblePlugin } = usePluginStore();
  const [opened, setOpened] = useState(false);
  if (visiblePlugin && !opened) {
    setOpened(true);
  }
  return opened ? children : null;
}

/** Returns GraphiQL with the list of examples open beside it, and the first example in the first tab of a first visit. */
export function createExplorer({ endpoint, examples }: Config): ReactNode {
  const panel = examplesPlugin(examples);
  const insight = new Insight();
  const [first] = examples;
  return (
    <GraphiQLProvider
      fetcher={createFetcher(endpoint, insight)}
      storage={storage}
      plugins={[panel, explorerPlugin({ showAttribution: false }), planPlugin(insight), DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      visiblePlugin={panel}
      defaultTabs={first && [{ query: first.query, variables: first.variables, headers: first.headers }]}
      defaultQuery=""
      shouldPersistHeaders={false}
    >
      <HistoryContextProvider>
        <DocExplorerContextProvider>
          <TabLeavesEditors />
          <OncePanelIsOpen>
            <GraphiQLInterface defaultEditorToolsVisibility="variables" showPersistHeadersSettings={false}>
              <GraphiQL.Logo>
                <></>
              </GraphiQL.Logo>
            </GraphiQLInterface>
          </OncePanelIsOpen>
        </DocExplorerContextProvider>
      </HistoryContextProvider>
    </GraphiQLProvider>
  );
}

import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { readConfig } from './config';
import { createExplorer } from './explorer';
import { TokenField } from './token-field';

const root = document.getElementById('graphiql')!;
const config = readConfig(root);

createRoot(root).render(
  <StrictMode>
    <header className="page-header">
      <h1>GitLab Jobs GraphQL</h1>
      <TokenField demoTokens={config.demoTokens} />
    </header>
    <main>{createExplorer(config)}</main>
  </StrictMode>,
);

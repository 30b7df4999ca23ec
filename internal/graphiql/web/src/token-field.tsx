import { useState } from 'react';

import type { DemoToken } from './config';
import { loadToken, storeToken } from './token';

/** The field whose content is sent as PRIVATE-TOKEN with every operation. */
export function TokenField({ demoTokens }: { demoTokens: DemoToken[] }) {
  const [token, setToken] = useState(loadToken);
  const change = (value: string) => {
    storeToken(value.trim());
    setToken(value.trim());
  };
  return (
    <form className="token" autoComplete="off" onSubmit={event => event.preventDefault()}>
      <label htmlFor="token">GitLab token</label>
      <input
        id="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        placeholder="PRIVATE-TOKEN"
        aria-describedby="token-note"
        value={token}
        onChange={event => change(event.target.value)}
      />
      {demoTokens.length > 0 && (
        <select aria-label="Demo token" value={token} onChange={event => change(event.target.value)}>
          <option value="">no token</option>
          {demoTokens.map(({ name, value }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
      <small id="token-note">
        {demoTokens.length > 0 ? 'None is needed for the demo. ' : ''}
        Kept until this browser tab is closed.
      </small>
    </form>
  );
}

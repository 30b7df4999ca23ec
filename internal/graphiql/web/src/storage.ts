import type { Storage } from '@graphiql/toolkit';

// GraphiQL keeps the headers of every operation in its history, and those can hold a token.
const HISTORY_KEYS = ['graphiql:queries', 'graphiql:favorites'];

function withoutHeaders(history: string): string {
  return JSON.stringify(JSON.parse(history), (key, value) => (key === 'headers' ? undefined : value));
}

/** What GraphiQL remembers between visits, in localStorage: no header is ever written there. */
export const storage: Storage = {
  getItem: key => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, HISTORY_KEYS.includes(key) ? withoutHeaders(value) : value),
  removeItem: key => localStorage.removeItem(key),
  clear: () =>
    Object.keys(localStorage)
      .filter(key => key.startsWith('graphiql:'))
      .forEach(key => localStorage.removeItem(key)),
  get length() {
    return Object.keys(localStorage).filter(key => key.startsWith('graphiql:')).length;
  },
};

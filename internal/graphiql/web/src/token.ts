const KEY = 'gitlab-token';

// The token lives as long as the browser tab: never in localStorage, never in the address.
export function loadToken(): string {
  return sessionStorage.getItem(KEY) ?? '';
}

export function storeToken(token: string): void {
  if (token) {
    sessionStorage.setItem(KEY, token);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

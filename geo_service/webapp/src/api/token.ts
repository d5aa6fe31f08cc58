const STORAGE_KEY = "geo-service.token";

/** Move a token handed over as `#token=...` into this tab's session, out of the address and its history. */
export function adoptTokenFromAddress(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  sessionStorage.setItem(STORAGE_KEY, token);
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** Headers that say who asks; empty where no token was given. */
export function authorization(): Record<string, string> {
  const token = sessionStorage.getItem(STORAGE_KEY);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

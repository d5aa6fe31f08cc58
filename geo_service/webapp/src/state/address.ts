/** The page's state in its address, so that a link opens what its sender saw. */

const KEYS = ["area", "on", "zone", "lang", "map", "level", "measure", "target", "known", "plan", "plans", "upload", "step"] as const;
type Key = (typeof KEYS)[number];

export function readAddress(): Record<Key, string | null> {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(KEYS.map((key) => [key, query.get(key)])) as Record<Key, string | null>;
}

/** Leave the present address in the history, so that the browser's own Back returns to it. */
export function keepAddress(): void {
  history.pushState(history.state, "", location.href);
}

/** Hear of it when the reader goes back or forward. */
export function onReturn(listener: () => void): void {
  addEventListener("popstate", listener);
}

/** Set or, by null, drop parts of the address, leaving no trace in the history. */
export function writeAddress(parts: Partial<Record<Key, string | null>>): void {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(parts)) {
    if (value === null) query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString().replaceAll("%2F", "/");
  history.replaceState(history.state, "", text ? `${location.pathname}?${text}` : location.pathname);
}

/** Which page an address asks for. */
import type { Component } from "vue";

interface Wanted {
  load: () => Promise<{ default: Component }>;
  /** What the address tells the page. */
  given: Record<string, string>;
}

type Entry = [pattern: RegExp, load: Wanted["load"]];

const PAGES: readonly Entry[] = [
  [/^\/chief(?:\/(?<post>[^/]*))?\/?$/, () => import("./pages/ChiefPage.vue")],
  [/^\/dashboard\/?$/, () => import("./pages/DashboardPage.vue")],
  [/^\/workbench\/?$/, () => import("./pages/WorkbenchPage.vue")],
  [/^\/compare\/?$/, () => import("./pages/ComparePage.vue")],
  [/^\/import\/?$/, () => import("./pages/ImportPage.vue")],
];

/** The page at a path; the map where no other is. */
export function pageAt(path: string): Wanted {
  for (const [pattern, load] of PAGES) {
    const found = pattern.exec(path);
    if (found) return { load, given: decoded(found.groups) };
  }
  return { load: () => import("./pages/MapPage.vue"), given: {} };
}

function decoded(groups: Record<string, string | undefined> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value ?? "")]));
}

/** How the columns of a file were read, kept for the next file with the same set of headings. */

export interface RememberedMapping {
  kind: string;
  /** Field to column, or to `=value`. */
  assigned: Record<string, string>;
}

const STORAGE_KEY = "geo-service.import-mappings";
const MOST_KEPT = 30;

type Kept = [headings: string, mapping: RememberedMapping][];

function kept(): Kept {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(read) ? (read as Kept) : [];
  } catch {
    return [];
  }
}

function headingsOf(columns: readonly string[]): string {
  return JSON.stringify([...columns].sort());
}

export function recallMapping(columns: readonly string[]): RememberedMapping | null {
  return kept().find(([headings]) => headings === headingsOf(columns))?.[1] ?? null;
}

export function rememberMapping(columns: readonly string[], mapping: RememberedMapping): void {
  const others = kept().filter(([headings]) => headings !== headingsOf(columns));
  localStorage.setItem(STORAGE_KEY, JSON.stringify([[headingsOf(columns), mapping], ...others].slice(0, MOST_KEPT)));
}

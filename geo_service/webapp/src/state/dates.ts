/** Calendar dates as ISO text, YYYY-MM-DD, in the reader's own time zone. */

export function today(): string {
  return written(new Date());
}

export function tomorrow(): string {
  const now = new Date();
  return written(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1));
}

function written(now: Date): string {
  const part = (value: number): string => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}

/** The last day of the month before that of `date`. */
export function monthEndBefore(date: string): string {
  const [year = 0, month = 1] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, 0)).toISOString().slice(0, 10);
}

export function isDate(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

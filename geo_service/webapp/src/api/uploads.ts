/** What the import page asks: a file is sent once, then looked into, previewed, tried and imported. */
import { answerHeaders, get, problemIn, send } from "./client";
import { clientProblem, type ProblemDocument } from "./problem";

export interface SeenField {
  name: string;
  title_zh: string;
  title_en: string;
  required: boolean;
  column: string | null;
}

export interface SeenKind {
  name: string;
  fits: boolean;
  lacking: string[];
  fields: SeenField[];
}

export interface SeenFile {
  id: string;
  file: string;
  bytes: number;
  layers: string[];
  rows: number;
  columns: { name: string; samples: string[] }[];
  kinds: SeenKind[];
  crs: string | null;
  datum: string | null;
  has_places: boolean;
}

export interface SeenPlacement {
  datum: string;
  points: [number, number][];
  inside: number;
  shift_m: number;
}

export interface SeenPlaces {
  crs: string;
  crs_assumed: boolean;
  rows: number;
  sampled: number;
  placements: SeenPlacement[];
  suggested: string;
  communities: GeoJSON.FeatureCollection;
}

export interface ImportOrder {
  kind: string;
  layer: string | null;
  mapping: Record<string, string>;
  crs: string | null;
  datum: string;
  dry_run: boolean;
  strict: boolean;
}

export interface ImportFinding {
  row: number | null;
  field: string;
  severity: "rejected" | "repaired" | "warning" | "offered";
  message_zh: string;
  message_en: string;
  layer?: string;
  column?: string;
  value?: string;
}

export interface ImportReport {
  rows: number;
  inserted: number;
  updated: number;
  unchanged: number;
  rejected: number;
  findings: ImportFinding[];
}

export interface ImportState {
  state: "none" | "running" | "done" | "failed";
  kind: string | null;
  dry_run: boolean | null;
  stage: string | null;
  done: number | null;
  total: number | null;
  report: ImportReport | null;
  problem: ProblemDocument | null;
}

/** Send a file, telling how many bytes of how many are there; fetch cannot say that of what it sends. */
export function sendFile(
  file: File,
  onProgress: (done: number, all: number) => void,
  signal: AbortSignal,
): Promise<{ id: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    for (const [name, value] of Object.entries(answerHeaders())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onerror = () => reject(clientProblem("client.unreachable"));
    request.onabort = () => reject(signal.reason as Error);
    request.onload = () =>
      request.status === 201
        ? resolve(JSON.parse(request.responseText) as { id: string })
        : reject(problemIn(request.responseText, request.status));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

const of = (id: string): string => `/api/uploads/${encodeURIComponent(id)}`;

export function lookInto(id: string, layer: string | null, signal?: AbortSignal): Promise<SeenFile> {
  return get(of(id), { layer: layer ?? undefined }, signal);
}

export function previewPlaces(
  id: string,
  asked: { layer: string | null; crs: string | null },
  signal: AbortSignal,
): Promise<SeenPlaces> {
  return get(`${of(id)}/places`, { layer: asked.layer ?? undefined, crs: asked.crs ?? undefined }, signal);
}

export function startImport(id: string, order: ImportOrder): Promise<ImportState> {
  return send("PUT", `${of(id)}/import`, order);
}

export function followImport(id: string): Promise<ImportState> {
  return get(`${of(id)}/import`);
}

export function stopImport(id: string): Promise<ImportState> {
  return send("DELETE", `${of(id)}/import`);
}

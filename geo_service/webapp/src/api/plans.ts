/** What the page asks of one plan: to open it, and to change it. */
import { get, getRevised, post } from "./client";

export interface PlanSummary {
  id: number;
  name: string;
  area_code: string;
  state: PlanState;
  revision: number;
  zones: number;
  parent_id: number | null;
  created_by: string;
  created_at: string;
}

export type PlanState = "draft" | "review" | "published" | "superseded";

/** A zone with its judgement; null where nothing is known. */
export interface BoardZone {
  code: string;
  name: string;
  community_code: string;
  locked: boolean;
  households: number;
  buildings: number;
  load: number;
  deviation_percent: number;
  fit: "under" | "within" | "over";
  distance_m: number | null;
  patrol_m: number | null;
  span_m: number | null;
  compactness: number | null;
  connected: boolean | null;
  crosses_barrier: boolean | null;
  barriers: string[];
  chief: { code: string; name: string } | null;
  geometry: GeoJSON.MultiPolygon;
}

export interface PlanFigures {
  zones: number;
  households: number;
  buildings: number;
  unassigned: number;
  distance_m: number | null;
  patrol_m: number | null;
  under: string[];
  over: string[];
  histogram: { edges: number[]; counts: number[] };
}

/** All that is needed to work on a plan; `zone` and `community` of buildings are places in those lists, -1 none. */
export interface Board {
  plan_id: number;
  revision: number;
  name: string;
  area_code: string;
  state: PlanState;
  limits: { lo: number; hi: number };
  undo: number | null;
  redo: number | null;
  plan: PlanFigures;
  communities: { code: string; name: string; unassigned: number }[];
  zones: BoardZone[];
  buildings: {
    code: string[];
    community: number[];
    zone: number[];
    households: number[];
    lon: number[];
    lat: number[];
  };
}

export type EditOrder =
  | { kind: "assign"; zone: string | null; buildings: string[] }
  | { kind: "assign_within"; zone: string; outline: GeoJSON.Polygon | GeoJSON.MultiPolygon; reshape: boolean }
  | { kind: "new_zone"; buildings: string[] }
  | { kind: "new_zone_within"; community: string; outline: GeoJSON.Polygon | GeoJSON.MultiPolygon }
  | { kind: "merge"; zones: string[]; into: string }
  | { kind: "split_by_line"; zone: string; line: GeoJSON.LineString }
  | { kind: "split"; zone: string; parts: number }
  | { kind: "rename"; zone: string; name: string }
  | { kind: "lock" | "unlock"; zones: string[] }
  | { kind: "delete"; zone: string };

/** What an edit, an undo or a redo changed. */
export interface EditReport {
  revision: number;
  zones: BoardZone[];
  deleted: string[];
  moves: { zone: string | null; buildings: string[] }[];
  plan: PlanFigures & { distance_before_m: number };
  undo: number | null;
  redo: number | null;
}

/** One edit of somebody else, in words. */
export interface PastEdit {
  revision: number;
  actor: string;
  at: string;
  community_name: string | null;
  message_zh: string;
  message_en: string;
}

interface Revised<T> {
  document: T;
  etag: string | null;
}

export function listPlans(area: string, signal: AbortSignal): Promise<PlanSummary[]> {
  return get("/api/plans", { area }, signal);
}

export function openBoard(plan: number, signal?: AbortSignal): Promise<Revised<Board>> {
  return getRevised(`/api/plans/${plan}/board`, signal);
}

/** One community of a plan; `names` are of its buildings, by code. */
export function openCommunity(plan: number, community: string): Promise<{ names: Record<string, string> }> {
  return get(`/api/plans/${plan}/communities/${encodeURIComponent(community)}`);
}

export function editPlan(plan: number, order: EditOrder, etag: string): Promise<Revised<EditReport>> {
  return post(`/api/plans/${plan}/edits`, order, etag);
}

export function takeBack(plan: number, what: "undo" | "redo", etag: string): Promise<Revised<EditReport>> {
  return post(`/api/plans/${plan}/${what}`, {}, etag);
}

/** Begin a draft without zones over an area; without a name the service gives it one. */
export function beginPlan(area: string, name: string): Promise<Revised<{ plan_id: number }>> {
  return post(`/api/areas/${encodeURIComponent(area)}/plans`, name === "" ? {} : { name });
}

export function copyPlan(plan: number, revision?: number, name?: string): Promise<Revised<{ plan_id: number }>> {
  return post(`/api/plans/${plan}/copy`, { revision, name });
}

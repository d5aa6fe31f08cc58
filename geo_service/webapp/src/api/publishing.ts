/** What the page asks on a plan's way from a draft to its publication, and of its past. */
import { get, post } from "./client";
import type { PastEdit, PlanState } from "./plans";

/** One thing about a plan in words; `zone_code` is null where it is about the whole community. */
export interface Remark {
  rule: string;
  community_code: string;
  zone_code: string | null;
  message_zh: string;
  message_en: string;
}

/** What publishing is refused for, and what is good to know. */
export interface CheckList {
  revision: number;
  state: PlanState;
  breaches: Remark[];
  notes?: Remark[];
}

export interface Server {
  zone_code: string;
  zone_name: string;
  chief_code: string | null;
  chief_name: string | null;
}

export interface HandedOver {
  code: string;
  name: string | null;
  households: number;
  community_code: string;
  community_name: string;
  before: Server | null;
  after: Server | null;
}

/** Buildings that get another chief when the plan is published from a day on. */
export interface HandOver {
  buildings: HandedOver[];
  next: string | null;
  totals: { buildings: number; households: number; gain: number; lose: number; change: number };
  by_chief: { chief_code: string; chief_name: string; gives: number; takes: number }[];
}

export interface Appointments {
  posts: { zone_code: string; person_name: string; walk_distance_m: number }[];
  without_chief: { code: string; name: string }[];
  total_walk_distance_m: number;
}

export interface HistoryPage {
  edits: (PastEdit & { number: number; is_taken_back: boolean })[];
  next: number | null;
}

/** Who served a building on a day; `service` is null where nobody did. */
export interface UnitService {
  name: string | null;
  service: { zone_name: string; plan_id: number; chief_name: string | null; in_post_from: string | null } | null;
}

interface Revised<T> {
  document: T;
  etag: string | null;
}

export function checkPlan(plan: number, signal: AbortSignal): Promise<CheckList> {
  return get(`/api/plans/${plan}/check`, {}, signal);
}

export function readHandOver(plan: number, from: string, after?: string, signal?: AbortSignal): Promise<HandOver> {
  return get(`/api/plans/${plan}/handover`, { from, after }, signal);
}

export function handIn(plan: number, etag: string): Promise<Revised<unknown>> {
  return post(`/api/plans/${plan}/review`, {}, etag);
}

export function reopenPlan(plan: number, etag: string): Promise<Revised<unknown>> {
  return post(`/api/plans/${plan}/reopen`, {}, etag);
}

export function appointChiefs(plan: number, etag: string): Promise<Revised<Appointments>> {
  return post(`/api/plans/${plan}/appoint`, {}, etag);
}

/** With a reason the plan is published although it breaks rules. */
export function publishPlan(plan: number, from: string, reason: string | null, etag: string): Promise<Revised<unknown>> {
  return post(`/api/plans/${plan}/publish`, { from, ...(reason === null ? {} : { override: { reason } }) }, etag);
}

export function readHistory(plan: number, before?: number, signal?: AbortSignal): Promise<HistoryPage> {
  return get(`/api/plans/${plan}/edits`, { before: before?.toString() }, signal);
}

export function whoServed(unit: string, on: string, signal: AbortSignal): Promise<UnitService> {
  return get(`/api/units/${encodeURIComponent(unit)}/service`, { on }, signal);
}

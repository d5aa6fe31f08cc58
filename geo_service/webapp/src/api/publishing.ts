/** What the page asks on a plan's way from a draft to its publication, and of its past. */
import { answered, revised, type Revised, service } from "./client";
import { at } from "./plans";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** One thing about a plan in words; `zone_code` is null where it is about the whole community. */
export type Remark = Schemas["Remark"];
export type CheckList = Schemas["CheckList"];
export type Appointments = Schemas["Appointments"];
export type HistoryPage = Schemas["History"];
/** Who served a building on a day; `service` is null where nobody did. */
export type UnitService = Schemas["UnitService"];
export type ServingZone = Schemas["ServingZone"];
export type HandedBuilding = Schemas["HandedBuilding"];
/** Buildings that get another chief when the plan is published from a day on. */
export type Handover = Schemas["Handover"];

export function checkPlan(plan: number, signal: AbortSignal): Promise<CheckList> {
  return answered(service.GET("/api/plans/{plan_id}/check", { params: { path: { plan_id: plan } }, signal }));
}

export function readHandover(plan: number, from: string, after?: string, signal?: AbortSignal): Promise<Handover> {
  const params = { path: { plan_id: plan }, query: { from, after } };
  return answered(service.GET("/api/plans/{plan_id}/handover", { params, signal }));
}

export function handIn(plan: number, etag: string): Promise<Revised<Schemas["HandedIn"]>> {
  return revised(service.POST("/api/plans/{plan_id}/review", { params: at(plan, etag) }));
}

export function renamePlan(plan: number, name: string, etag: string): Promise<Revised<Schemas["Renamed"]>> {
  return revised(service.PUT("/api/plans/{plan_id}/name", { params: at(plan, etag), body: { name } }));
}

export function reopenPlan(plan: number, etag: string): Promise<Revised<Schemas["Reopened"]>> {
  return revised(service.POST("/api/plans/{plan_id}/reopen", { params: at(plan, etag) }));
}

export function appointChiefs(plan: number, etag: string): Promise<Revised<Appointments>> {
  return revised(service.POST("/api/plans/{plan_id}/appoint", { params: at(plan, etag) }));
}

/** With a reason the plan is published although it breaks rules. */
export function publishPlan(
  plan: number,
  from: string,
  reason: string | null,
  etag: string,
): Promise<Revised<Schemas["Published"]>> {
  const body = { from, override: reason === null ? null : { reason } };
  return revised(service.POST("/api/plans/{plan_id}/publish", { params: at(plan, etag), body }));
}

export function readHistory(plan: number, before?: number, signal?: AbortSignal): Promise<HistoryPage> {
  const params = { path: { plan_id: plan }, query: { before } };
  return answered(service.GET("/api/plans/{plan_id}/edits", { params, signal }));
}

export function whoServed(unit: string, on: string, signal: AbortSignal): Promise<UnitService> {
  return answered(service.GET("/api/units/{unit}/service", { params: { path: { unit }, query: { on } }, signal }));
}

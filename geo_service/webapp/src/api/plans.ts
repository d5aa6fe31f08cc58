/** What the page asks of one plan: to open it, and to change it. */
import { answered, revised, type Revised, service } from "./client";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type PlanSummary = Schemas["PlanSummary"];
export type PlanState = PlanSummary["state"];
export type BoardZone = Schemas["BoardZone"];
export type PlanFigures = Schemas["PlanFigures"];
/** All that is needed to work on a plan; `zone` and `community` of buildings are places in those lists, -1 none. */
export type Board = Schemas["Board"];
export type EditReport = Schemas["EditReport"];
/** One edit in words. */
export type PastEdit = Schemas["PastEdit"];
export type EditOrder =
  paths["/api/plans/{plan_id}/edits"]["post"]["requestBody"]["content"]["application/json"];

/** A plan in the path, and the revision it must still be at. */
export function at(plan: number, etag: string): { path: { plan_id: number }; header: { "if-match": string } } {
  return { path: { plan_id: plan }, header: { "if-match": etag } };
}

export function listPlans(area: string, signal: AbortSignal): Promise<PlanSummary[]> {
  return answered(service.GET("/api/plans", { params: { query: { area } }, signal }));
}

export function openBoard(plan: number, signal?: AbortSignal): Promise<Revised<Board>> {
  return revised(service.GET("/api/plans/{plan_id}/board", { params: { path: { plan_id: plan } }, signal }));
}

/** One community of a plan, surveyed: its first edit is then as fast as others. */
export function openCommunity(plan: number, community: string): Promise<Schemas["OpenedCommunity"]> {
  const params = { path: { plan_id: plan, community_code: community } };
  return answered(service.GET("/api/plans/{plan_id}/communities/{community_code}", { params }));
}

export function editPlan(plan: number, order: EditOrder, etag: string): Promise<Revised<EditReport>> {
  return revised(service.POST("/api/plans/{plan_id}/edits", { params: at(plan, etag), body: order }));
}

export function takeBack(plan: number, what: "undo" | "redo", etag: string): Promise<Revised<EditReport>> {
  return revised(service.POST(`/api/plans/{plan_id}/${what}`, { params: at(plan, etag) }));
}

/** Begin a draft without zones over an area; without a name the service gives it one. */
export function beginPlan(area: string, name: string): Promise<Revised<Schemas["BegunPlan"]>> {
  const body = name === "" ? {} : { name };
  return revised(service.POST("/api/areas/{code}/plans", { params: { path: { code: area } }, body }));
}

export function copyPlan(plan: number, revision?: number, name?: string): Promise<Revised<Schemas["PlanCopy"]>> {
  const params = { path: { plan_id: plan } };
  return revised(service.POST("/api/plans/{plan_id}/copy", { params, body: { revision, name } }));
}

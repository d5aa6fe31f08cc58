/** What this page asks of the service, one function a question. */
import { answered, get, service } from "./client";
import type {
  Area,
  Asked,
  CatalogueLayer,
  ClassifiedUnit,
  Coverage,
  Items,
  LabelPoints,
  Me,
  Milestones,
  PostSheet,
  UnitProperties,
  ZoneReasons,
  Zones,
} from "./documents";

export { setAnswerLanguage } from "./client";
export type * from "./documents";
export * from "./comparison";
export * from "./events";
export * from "./plans";
export * from "./proposals";
export { ApiProblem, type ProblemDocument } from "./problem";
export * from "./publishing";
export * from "./uploads";
export { adoptTokenFromAddress, authorization } from "./token";

export function readMe(signal: AbortSignal): Promise<Me> {
  return answered(service.GET("/api/me", { signal }));
}

export function listAreas(signal: AbortSignal): Promise<Area[]> {
  return answered(service.GET("/api/areas", { signal }));
}

export function listLayers(signal: AbortSignal): Promise<CatalogueLayer[]> {
  return answered(service.GET("/api/layers", { signal }));
}

export function listZones(area: string, on: string, signal: AbortSignal): Promise<Zones> {
  const params = { path: { code: area }, query: { on } };
  return answered(service.GET("/api/areas/{code}/zones", { params, signal }));
}

export function readReasons(plan: number, zone: string, signal: AbortSignal): Promise<ZoneReasons> {
  const params = { path: { plan_id: plan, zone_code: zone } };
  return answered(service.GET("/api/plans/{plan_id}/zones/{zone_code}", { params, signal }));
}

const MOST_LABELS = "2000";

export function listLabelPoints(layer: string, area: string, on: string, signal: AbortSignal): Promise<LabelPoints> {
  return get(`/collections/${layer}/items`, { area, on, limit: MOST_LABELS }, signal);
}

/** Every measure at once: to look at another one then asks nothing more. */
export function measureCoverage(asked: Asked, signal: AbortSignal): Promise<Coverage> {
  return answered(service.GET("/api/coverage", { params: { query: asked }, signal }));
}

export function followMilestones(asked: Asked & { target?: string | undefined }, signal: AbortSignal): Promise<Milestones> {
  return answered(service.GET("/api/milestones", { params: { query: asked }, signal }));
}

/** The most features that the service gives at once. */
const MOST_ITEMS = "10000";

export function listOutlines(
  layer: "subdistricts" | "communities",
  area: string,
  on: string,
  signal: AbortSignal,
): Promise<Items<{ code: string }>> {
  return get(`/collections/${layer}/items`, { area, on, limit: MOST_ITEMS }, signal);
}

export function listUnits(
  layer: "compounds" | "standalone_buildings",
  area: string,
  on: string,
  signal: AbortSignal,
): Promise<Items<UnitProperties>> {
  return get(`/collections/${layer}/items`, { area, on, limit: MOST_ITEMS }, signal);
}

export function classifyUnits(area: string, on: string, signal: AbortSignal): Promise<{ units: ClassifiedUnit[] }> {
  return answered(service.GET("/api/classification", { params: { query: { area, on } }, signal }));
}

export function readPost(post: number, signal: AbortSignal): Promise<PostSheet> {
  return answered(service.GET("/api/posts/{post_id}", { params: { path: { post_id: post } }, signal }));
}

/** A MapLibre style document; only the map module reads it. */
export function readMapStyle<Style>(
  asked: { lang: string; on: string; measure?: string | undefined; target?: string | undefined; joined?: string },
  signal: AbortSignal,
): Promise<Style> {
  return get("/map/style.json", asked, signal);
}

/** What this page asks of the service, one function a question. */
import { get } from "./client";
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
export * from "./events";
export * from "./plans";
export * from "./proposals";
export { ApiProblem, type ProblemDocument } from "./problem";
export * from "./publishing";
export * from "./uploads";
export { adoptTokenFromAddress, authorization } from "./token";

export function readMe(signal: AbortSignal): Promise<Me> {
  return get("/api/me", {}, signal);
}

export function listAreas(signal: AbortSignal): Promise<Area[]> {
  return get("/api/areas", {}, signal);
}

export function listLayers(signal: AbortSignal): Promise<CatalogueLayer[]> {
  return get("/api/layers", {}, signal);
}

export function listZones(area: string, on: string, signal: AbortSignal): Promise<Zones> {
  return get(`/api/areas/${encodeURIComponent(area)}/zones`, { on }, signal);
}

export function readReasons(plan: number, zone: string, signal: AbortSignal): Promise<ZoneReasons> {
  return get(`/api/plans/${plan}/zones/${encodeURIComponent(zone)}`, {}, signal);
}

const MOST_LABELS = "2000";

export function listLabelPoints(layer: string, area: string, on: string, signal: AbortSignal): Promise<LabelPoints> {
  return get(`/collections/${layer}/items`, { area, on, limit: MOST_LABELS }, signal);
}

/** Every measure at once: to look at another one then asks nothing more. */
export function measureCoverage(asked: Asked, signal: AbortSignal): Promise<Coverage> {
  return get("/api/coverage", { ...asked }, signal);
}

export function followMilestones(asked: Asked & { target?: string | undefined }, signal: AbortSignal): Promise<Milestones> {
  return get("/api/milestones", { ...asked }, signal);
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
  return get("/api/classification", { area, on }, signal);
}

export function readPost(post: string, signal: AbortSignal): Promise<PostSheet> {
  return get(`/api/posts/${encodeURIComponent(post)}`, {}, signal);
}

/** A MapLibre style document; only the map module reads it. */
export function readMapStyle<Style>(
  asked: { lang: string; on: string; measure?: string | undefined; target?: string | undefined },
  signal: AbortSignal,
): Promise<Style> {
  return get("/map/style.json", asked, signal);
}

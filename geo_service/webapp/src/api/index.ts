/** What this page asks of the service, one function a question. */
import { get } from "./client";
import type { Area, CatalogueLayer, Coverage, LabelPoints, Milestones, PostSheet, ZoneReasons, Zones } from "./documents";

export { setAnswerLanguage } from "./client";
export type * from "./documents";
export { MEASURES } from "./documents";
export { ApiProblem, type ProblemDocument } from "./problem";
export { adoptTokenFromAddress, authorization } from "./token";

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

export function measureCoverage(
  area: string,
  by: Coverage["by"],
  on: string,
  signal: AbortSignal,
): Promise<Coverage> {
  return get("/api/coverage", { area, by, on }, signal);
}

export function followMilestones(
  area: string,
  by: Coverage["by"],
  on: string,
  signal: AbortSignal,
): Promise<Milestones> {
  return get("/api/milestones", { area, by, on }, signal);
}

export function readPost(post: string, signal: AbortSignal): Promise<PostSheet> {
  return get(`/api/posts/${encodeURIComponent(post)}`, {}, signal);
}

/** A MapLibre style document; only the map module reads it. */
export function readMapStyle<Style>(lang: string, on: string, signal: AbortSignal): Promise<Style> {
  return get("/map/style.json", { lang, on }, signal);
}

/** Two plans held against each other, as the service does it. */
import { answered, service } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** Zones of one plan together; null where nothing is known. */
export type ComparedFigures = Schemas["ComparedFigures"];
export type ComparedPlan = Schemas["ComparedPlan"];
export type ComparedCommunity = Schemas["ComparedCommunity"];
export type ZoneName = Schemas["ZoneName"];
export type ComparedZone = Schemas["ComparedZone"];
/** Zones that share most people; null where a zone has no match. */
export type ZonePair = Schemas["ZonePair"];
export type DifferingBuilding = Schemas["DifferingBuilding"];
export type PlanComparison = Schemas["PlanComparison"];

const MOST_BUILDINGS = 10_000;

/** The whole comparison: page after page of buildings, all of them in the first one's list. */
export async function comparePlans(
  { a, b, area }: { a: number; b: number; area?: string | undefined },
  signal: AbortSignal,
): Promise<PlanComparison> {
  const path = { plan_id: a, other_plan_id: b };
  const read = (after?: string): Promise<PlanComparison> => {
    const params = { path, query: { area, after, limit: MOST_BUILDINGS } };
    return answered(service.GET("/api/plans/{plan_id}/comparison/{other_plan_id}", { params, signal }));
  };
  const whole = await read();
  for (let after = whole.next; after !== null; ) {
    const page = await read(after);
    whole.buildings.push(...page.buildings);
    after = page.next;
  }
  return whole;
}

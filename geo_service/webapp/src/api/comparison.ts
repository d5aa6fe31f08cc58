/** Two plans held against each other, as the service does it. */
import { get } from "./client";
import type { PlanState } from "./plans";

/** Zones of one plan together; null where nothing is known. */
export interface ComparedFigures {
  zones: number;
  households: number;
  buildings: number;
  unassigned: number;
  under: number;
  over: number;
  largest_deviation_percent: number | null;
  mean_deviation_percent: number | null;
  distance_m: number | null;
  patrol_m: number | null;
  mean_compactness: number | null;
  in_pieces: number;
  crossing_barriers: number;
}

export interface ComparedPlan {
  plan_id: number;
  name: string;
  area_code: string;
  state: PlanState;
  revision: number;
  parent_id: number | null;
  created_by: string;
  created_at: string;
  limits: { lo: number; hi: number };
  figures: ComparedFigures;
}

export interface ComparedCommunity {
  code: string;
  name: string;
  differing: number;
  a: ComparedFigures;
  b: ComparedFigures;
}

export interface ZoneName {
  code: string;
  name: string;
  chief: string | null;
}

export interface ComparedZone extends ZoneName {
  households: number;
  buildings: number;
  load: number;
}

/** Zones that share most people; null where a zone has no match. */
export interface ZonePair {
  community_code: string;
  a: ComparedZone | null;
  b: ComparedZone | null;
  shared_households: number;
  shared_buildings: number;
}

export interface DifferingBuilding {
  code: string;
  name: string | null;
  address: string | null;
  households: number;
  community_code: string;
  lon: number | null;
  lat: number | null;
  a: ZoneName | null;
  b: ZoneName | null;
}

export interface PlanComparison {
  area_code: string;
  a: ComparedPlan;
  b: ComparedPlan;
  communities: ComparedCommunity[];
  zones: ZonePair[];
  differing: { buildings: number; households: number };
  buildings: DifferingBuilding[];
  next: string | null;
}

const MOST_BUILDINGS = "10000";

/** The whole comparison: page after page of buildings, all of them in the first one's list. */
export async function comparePlans(
  { a, b, area }: { a: number; b: number; area?: string | undefined },
  signal: AbortSignal,
): Promise<PlanComparison> {
  const path = `/api/plans/${a}/comparison/${b}`;
  const whole = await get<PlanComparison>(path, { area, limit: MOST_BUILDINGS }, signal);
  for (let after = whole.next; after !== null; ) {
    const page = await get<PlanComparison>(path, { area, after, limit: MOST_BUILDINGS }, signal);
    whole.buildings.push(...page.buildings);
    after = page.next;
  }
  return whole;
}

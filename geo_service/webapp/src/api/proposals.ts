/** What the page asks of the solver about a draft, and what it proposes. */
import { get, post, send } from "./client";
import type { BoardZone, EditReport } from "./plans";
import type { ProblemDocument } from "./problem";

export type ProposalAsk =
  | { kind: "zone"; area?: string }
  | { kind: "rebalance"; area?: string; max_moves?: number }
  | { kind: "split"; zone: string; parts: number };

export interface ProposedMove {
  building: string;
  name: string;
  from: string | null;
  to: string | null;
}

export interface ProposalFigures {
  zones: number;
  under: number;
  over: number;
  /** Summed difference of the zones' loads from the mean of their community. */
  imbalance: number;
  distance_m: number | null;
  patrol_m: number | null;
  unassigned: number;
}

/** Why a community stays as it is. */
export interface RefusedCommunity {
  area_code: string;
  name: string;
  reason_zh: string;
  reason_en: string;
}

export interface ProposalReport {
  zones: BoardZone[];
  deleted: string[];
  moves: ProposedMove[];
  before: ProposalFigures;
  after: ProposalFigures;
  moved_buildings: number;
  joined_buildings: number;
  refused: RefusedCommunity[];
}

export interface Proposal {
  number: number;
  plan_id: number;
  asked: ProposalAsk;
  state: "running" | "done" | "failed" | "cancelled" | "accepted" | "dropped";
  stage_zh: string;
  stage_en: string;
  done: number;
  total: number | null;
  problem: ProblemDocument | null;
  report: ProposalReport | null;
}

const of = (plan: number): string => `/api/plans/${plan}/proposals`;

export async function askSolver(plan: number, ask: ProposalAsk, etag: string): Promise<Proposal> {
  return (await post<Proposal>(of(plan), ask, etag)).document;
}

export async function findProposal(plan: number): Promise<number | null> {
  return (await get<{ number: number | null }>(of(plan))).number;
}

export function readProposal(plan: number, number: number): Promise<Proposal> {
  return get(`${of(plan)}/${number}`);
}

export function dropProposal(plan: number, number: number): Promise<Proposal> {
  return send("DELETE", `${of(plan)}/${number}`);
}

export function acceptProposal(
  plan: number,
  number: number,
  etag: string,
): Promise<{ document: EditReport; etag: string | null }> {
  return post(`${of(plan)}/${number}/accept`, {}, etag);
}

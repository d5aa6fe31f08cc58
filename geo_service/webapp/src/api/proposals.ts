/** What the page asks of the solver about a draft, and what it proposes. */
import { answered, revised, type Revised, service } from "./client";
import { at, type EditReport } from "./plans";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type ProposalAsk =
  paths["/api/plans/{plan_id}/proposals"]["post"]["requestBody"]["content"]["application/json"];
export type ProposedMove = Schemas["ProposedMove"];
/** Why a community stays as it is. */
export type RefusedCommunity = Schemas["Refusal"];
export type ProposalReport = Schemas["ProposalReport"];
export type Proposal = Schemas["Proposal"];

function named(plan: number, number: number): { path: { plan_id: number; proposal_id: number } } {
  return { path: { plan_id: plan, proposal_id: number } };
}

export function askSolver(plan: number, ask: ProposalAsk, etag: string): Promise<Proposal> {
  return answered(service.POST("/api/plans/{plan_id}/proposals", { params: at(plan, etag), body: ask }));
}

export async function findProposal(plan: number): Promise<number | null> {
  const params = { path: { plan_id: plan } };
  return (await answered<Schemas["OpenProposal"]>(service.GET("/api/plans/{plan_id}/proposals", { params }))).number;
}

export function readProposal(plan: number, number: number): Promise<Proposal> {
  return answered(service.GET("/api/plans/{plan_id}/proposals/{proposal_id}", { params: named(plan, number) }));
}

export function dropProposal(plan: number, number: number): Promise<Proposal> {
  return answered(service.DELETE("/api/plans/{plan_id}/proposals/{proposal_id}", { params: named(plan, number) }));
}

export function acceptProposal(plan: number, number: number, etag: string): Promise<Revised<EditReport>> {
  const params = { ...at(plan, etag), ...named(plan, number) };
  return revised(service.POST("/api/plans/{plan_id}/proposals/{proposal_id}/accept", { params }));
}

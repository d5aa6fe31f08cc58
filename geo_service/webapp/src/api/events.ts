/** What happens to a plan while it is open: a stream to follow, and what has changed since a revision. */
import { answerHeaders, problemIn, type Revised, revised, service } from "./client";
import { clientProblem } from "./problem";
import type { components } from "./schema";

/** One step of the plan; `actor` is null where another plan took its place. */
export interface PlanEvent {
  revision: number;
  actor: string | null;
  at: string | null;
  message_zh: string;
  message_en: string;
}

/** The zones that were touched since, as they are now; nothing else is in them. */
export type PlanChanges = components["schemas"]["PlanChanges"];

export interface Follower {
  begun: () => unknown;
  news: (event: PlanEvent) => void;
}

/** Follow a plan from a revision on until the stream ends: with the plan, or with the connection. */
export async function followPlan(
  plan: number,
  since: number,
  follower: Follower,
  signal: AbortSignal,
): Promise<"gone" | "ended"> {
  const headers = { ...answerHeaders(), Accept: "text/event-stream" };
  // No EventSource: it cannot say who asks.
  const response = await fetch(`/api/plans/${plan}/events?since=${since}`, { headers, signal }).catch(() => {
    throw clientProblem("client.unreachable");
  });
  if (!response.ok || !response.body) throw problemIn(await response.text(), response.status);
  follower.begun();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read().catch(() => ({ value: undefined, done: true }));
    if (done) return "ended";
    const parts = (text + (value ?? "")).split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const { name, data } = eventIn(part);
      if (name === "gone") return "gone";
      if (name === "revision") follower.news(JSON.parse(data) as PlanEvent);
    }
  }
}

function eventIn(part: string): { name: string; data: string } {
  const of = (field: string): string =>
    part
      .split("\n")
      .filter((line) => line.startsWith(`${field}: `))
      .map((line) => line.slice(field.length + 2))
      .join("\n");
  return { name: of("event"), data: of("data") };
}

export function readChanges(plan: number, since: number): Promise<Revised<PlanChanges>> {
  const params = { path: { plan_id: plan }, query: { since } };
  return revised(service.GET("/api/plans/{plan_id}/changes", { params }));
}

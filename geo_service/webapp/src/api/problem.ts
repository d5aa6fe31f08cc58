import type { components } from "./schema";

type Problem = components["schemas"]["Problem"];

/** RFC 9457 problem+json as the service writes it. `key` names the sentence; `client.*` keys are this page's own. */
export type ProblemDocument = Pick<Problem, "title" | "status"> & Partial<Problem>;

/** A request that got no useful answer; carries what to tell the reader. */
export class ApiProblem extends Error {
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.title);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

/** The problem for a failure that reached us without a problem document. */
export function clientProblem(key: "client.unreachable" | "client.unreadable", status = 0): ApiProblem {
  return new ApiProblem({ title: "", status, key });
}

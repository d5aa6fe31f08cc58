import { ApiProblem, clientProblem, type ProblemDocument } from "./problem";
import { authorization } from "./token";

let answerLanguage = "zh";

/** The language the service should answer errors in. */
export function setAnswerLanguage(language: string): void {
  answerLanguage = language;
}

type Query = Record<string, string | undefined>;

function address(path: string, query: Query): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    return new ApiProblem((await response.json()) as ProblemDocument);
  } catch {
    return clientProblem("client.unreadable", response.status);
  }
}

/** GET a JSON document; every failure but an abort is an `ApiProblem`. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path, query), {
      headers: { Accept: "application/json", "Accept-Language": answerLanguage, ...authorization() },
      signal: signal ?? null,
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw clientProblem("client.unreachable");
  }
  if (!response.ok) throw await problemOf(response);
  try {
    return (await response.json()) as T;
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw clientProblem("client.unreadable", response.status);
  }
}

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

interface Answer<T> {
  document: T;
  /** The revision that was read, as If-Match wants it. */
  etag: string | null;
}

async function ask<T>(path: string, request: RequestInit, signal?: AbortSignal): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...request,
      headers: {
        Accept: "application/json",
        "Accept-Language": answerLanguage,
        ...authorization(),
        ...(request.headers as Record<string, string> | undefined),
      },
      signal: signal ?? null,
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw clientProblem("client.unreachable");
  }
  if (!response.ok) throw await problemOf(response);
  try {
    return { document: (await response.json()) as T, etag: response.headers.get("ETag") };
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw clientProblem("client.unreadable", response.status);
  }
}

/** GET a JSON document; every failure but an abort is an `ApiProblem`. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(address(path, query), {}, signal)).document;
}

/** The same with the revision it is of. */
export function getRevised<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, {}, signal);
}

/** POST a JSON document, where `etag` is given over that revision only. */
export function post<T>(path: string, body: unknown, etag?: string): Promise<Answer<T>> {
  return ask<T>(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(etag === undefined ? {} : { "If-Match": etag }) },
  });
}

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

/** The problem that the body of a refusal tells. */
export function problemIn(body: string, status: number): ApiProblem {
  try {
    return new ApiProblem(JSON.parse(body) as ProblemDocument);
  } catch {
    return clientProblem("client.unreadable", status);
  }
}

/** What every request says: who asks, and in which language. */
export function answerHeaders(): Record<string, string> {
  return { Accept: "application/json", "Accept-Language": answerLanguage, ...authorization() };
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
        ...answerHeaders(),
        ...(request.headers as Record<string, string> | undefined),
      },
      signal: signal ?? null,
    });
  } catch (failure) {
    if (signal?.aborted) throw failure;
    throw clientProblem("client.unreachable");
  }
  if (!response.ok) throw problemIn(await response.text(), response.status);
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

/** Send a JSON document, or nothing, by another method. */
export async function send<T>(method: "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const document =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  return (await ask<T>(path, { method, ...document })).document;
}

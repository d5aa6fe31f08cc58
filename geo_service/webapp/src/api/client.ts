import createClient from "openapi-fetch";

import { ApiProblem, clientProblem, type ProblemDocument } from "./problem";
import type { paths } from "./schema";
import { authorization } from "./token";

const OK = 200;

let answerLanguage = "zh";

/** The language the service should answer errors in. */
export function setAnswerLanguage(language: string): void {
  answerLanguage = language;
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

/** As `fetch`, but every failure except an abort is an `ApiProblem`. */
async function ask(request: Request): Promise<Response> {
  for (const [name, value] of Object.entries(answerHeaders())) request.headers.set(name, value);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (failure) {
    if (request.signal.aborted) throw failure;
    throw clientProblem("client.unreachable");
  }
  if (!response.ok) throw problemIn(await response.text(), response.status);
  return response;
}

/** The operations of the OpenAPI document: paths, parameters, bodies and answers are checked by the compiler. */
export const service = createClient<paths>({ fetch: ask });

export interface Revised<T> {
  document: T;
  /** The revision that was read, as If-Match wants it. */
  etag: string | null;
}

/** As openapi-fetch tells a document: it knows lists, but no tuples. */
type Loose<T> = T extends (infer Each)[] ? Loose<Each>[] : T extends object ? { [Key in keyof T]: Loose<T[Key]> } : T;

interface Fetched<T> {
  data?: Loose<T>;
  response: Response;
}

/** What is read of an answer. */
async function readable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (failure) {
    if (failure instanceof ApiProblem || (failure instanceof DOMException && failure.name === "AbortError")) throw failure;
    throw clientProblem("client.unreadable", OK); // refusals are problems by now
  }
}

/** The document that a request is answered with, and its revision. */
export async function revised<T>(asked: Promise<Fetched<NoInfer<T>>>): Promise<Revised<T>> {
  const { data, response } = await readable(asked);
  return { document: data as T, etag: response.headers.get("ETag") };
}

/** The document that a request is answered with. */
export async function answered<T>(asked: Promise<Fetched<NoInfer<T>>>): Promise<T> {
  return (await revised<T>(asked)).document;
}

type Query = Record<string, string | undefined>;

function address(path: string, query: Query): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return text ? `${path}?${text}` : path;
}

/** GET a document that other standards describe: features of a layer, a map style. */
export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const request = new Request(address(path, query), { signal: signal ?? null });
  return readable(ask(request).then((response) => response.json() as Promise<T>));
}

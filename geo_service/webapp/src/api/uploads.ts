/** What the import page asks: a file is sent once, then looked into, previewed, tried and imported. */
import { answered, answerHeaders, problemIn, service } from "./client";
import { clientProblem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type SeenField = Schemas["FieldSeen"];
export type SeenKind = Schemas["KindSeen"];
export type SeenFile = Schemas["FileSeen"];
export type SeenPlacement = Schemas["Placement"];
export type SeenPlaces = Schemas["PlacesSeen"];
export type Datum = SeenPlacement["datum"];
export type ImportOrder = Schemas["ImportOrder"];
export type ImportFinding = Schemas["ImportFinding"];
export type ImportReport = Schemas["ImportReport"];
export type ImportState = Schemas["ImportState"];
type KeptFile = Schemas["KeptFile"];

/** Send a file, telling how many bytes of how many are there; fetch cannot say that of what it sends. */
export function sendFile(
  file: File,
  onProgress: (done: number, all: number) => void,
  signal: AbortSignal,
): Promise<KeptFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    for (const [name, value] of Object.entries(answerHeaders())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onerror = () => reject(clientProblem("client.unreachable"));
    request.onabort = () => reject(signal.reason as Error);
    request.onload = () =>
      request.status === 201
        ? resolve(JSON.parse(request.responseText) as KeptFile)
        : reject(problemIn(request.responseText, request.status));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  });
}

const of = (id: string): { upload_id: string } => ({ upload_id: id });

export function lookInto(id: string, layer: string | null, signal?: AbortSignal): Promise<SeenFile> {
  const params = { path: of(id), query: { layer: layer ?? undefined } };
  return answered(service.GET("/api/uploads/{upload_id}", { params, signal }));
}

export function previewPlaces(
  id: string,
  asked: { layer: string | null; crs: string | null },
  signal: AbortSignal,
): Promise<SeenPlaces> {
  const params = { path: of(id), query: { layer: asked.layer ?? undefined, crs: asked.crs ?? undefined } };
  return answered(service.GET("/api/uploads/{upload_id}/places", { params, signal }));
}

export function startImport(id: string, order: ImportOrder): Promise<ImportState> {
  return answered(service.PUT("/api/uploads/{upload_id}/import", { params: { path: of(id) }, body: order }));
}

export function followImport(id: string): Promise<ImportState> {
  return answered(service.GET("/api/uploads/{upload_id}/import", { params: { path: of(id) } }));
}

export function stopImport(id: string): Promise<ImportState> {
  return answered(service.DELETE("/api/uploads/{upload_id}/import", { params: { path: of(id) } }));
}

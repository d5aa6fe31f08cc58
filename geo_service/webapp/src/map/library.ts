/** MapLibre made ready: its worker is under way before the first map asks for it. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";

import { type Map as MapLibreMap, prewarm, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

setWorkerUrl(workerUrl);
prewarm();

/**
 * MapLibre lays a sky over the whole map in every frame, a transparent one where none is asked for; without a
 * graphics card that is a tenth of the frame. Our maps are looked at from above.
 */
export function withoutSky(map: MapLibreMap): void {
  map.painter.drawFunctions = { ...map.painter.drawFunctions, sky: () => undefined };
}

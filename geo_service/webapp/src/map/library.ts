/** MapLibre made ready: its worker is under way before the first map asks for it. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";

import { prewarm, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

setWorkerUrl(workerUrl);
prewarm();

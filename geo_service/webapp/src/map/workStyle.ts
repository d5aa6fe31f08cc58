import type { StyleSpecification } from "maplibre-gl";

import { surroundingsOf } from "./zoneStyle";

export const BUILDINGS = "page-buildings";
export const ZONES = "page-zones";

const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const COLOUR = ["coalesce", ["feature-state", "colour"], "#6b7280"];
const CHOSEN = ["boolean", ["feature-state", "chosen"], false];
const SELECTED = ["boolean", ["feature-state", "selected"], false];

/** Zones and buildings over a little of their surroundings; colours come as states of features. */
export function composeWorkStyle(surroundings: StyleSpecification | null): StyleSpecification {
  const { layers, sources } = surroundingsOf(surroundings);
  return {
    version: 8,
    sources: {
      ...sources,
      [ZONES]: { type: "geojson", data: NOTHING, promoteId: "code" },
      [BUILDINGS]: { type: "geojson", data: NOTHING },
    },
    layers: [
      { id: "page-ground", type: "background", paint: { "background-color": "#f6f7f4" } },
      {
        id: ZONES,
        type: "fill",
        source: ZONES,
        paint: { "fill-color": COLOUR, "fill-opacity": ["case", CHOSEN, 0.38, 0.2] },
      },
      ...layers.filter((layer) => layer.type !== "background"),
      {
        id: "page-zone-lines",
        type: "line",
        source: ZONES,
        layout: { "line-join": "round" },
        paint: { "line-color": COLOUR, "line-width": ["case", CHOSEN, 4, 2] },
      },
      {
        id: BUILDINGS,
        type: "circle",
        source: BUILDINGS,
        paint: {
          "circle-color": COLOUR,
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 2, 15, 5, 18, 10],
          "circle-stroke-color": ["case", SELECTED, "#111827", "#ffffff"],
          "circle-stroke-width": ["case", SELECTED, 3, 1],
        },
      },
    ],
  } as StyleSpecification;
}

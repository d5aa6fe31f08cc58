/** Points over the outlines of communities, where they lie as they stand and where a datum puts them. */
import type { StyleSpecification } from "maplibre-gl";

type Point = readonly [number, number];

function source(data: GeoJSON.GeoJSON): { type: "geojson"; data: GeoJSON.GeoJSON } {
  return { type: "geojson", data };
}

function multiPoint(points: readonly Point[]): GeoJSON.MultiPoint {
  return { type: "MultiPoint", coordinates: points.map(([x, y]) => [x, y]) };
}

export function composePlacesStyle(
  communities: GeoJSON.FeatureCollection,
  placed: readonly Point[],
  unshifted: readonly Point[],
): StyleSpecification {
  return {
    version: 8,
    sources: {
      communities: source(communities),
      placed: source(multiPoint(placed)),
      unshifted: source(multiPoint(unshifted)),
    },
    layers: [
      { id: "page-inside", type: "fill", source: "communities", paint: { "fill-color": "#dcebe0" } },
      { id: "page-outline", type: "line", source: "communities", paint: { "line-color": "#5b6672", "line-width": 1.2 } },
      {
        id: "page-unshifted",
        type: "circle",
        source: "unshifted",
        paint: {
          "circle-radius": 3,
          "circle-color": "#ffffff",
          "circle-stroke-color": "#6b7280",
          "circle-stroke-width": 1,
        },
      },
      {
        id: "page-placed",
        type: "circle",
        source: "placed",
        paint: {
          "circle-radius": 3.5,
          "circle-color": "#14507a",
          "circle-stroke-color": "#ffffff",
          "circle-stroke-width": 0.8,
        },
      },
    ],
  };
}

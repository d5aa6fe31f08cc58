/** One zone and its buildings over a little of their surroundings. */
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

import { layerNameOf } from "./style";

export interface ZonePicture {
  outline: GeoJSON.Geometry;
  buildings: readonly { code: string; geometry: GeoJSON.Geometry }[];
  chosen: string | null;
}

/** Published layers that help a walker find the way. */
export const SURROUNDINGS = "communities,compound_buildings,barriers,walkways";
const ZONE = "#14507a";
const CHOSEN = "#b45309";

function feature(geometry: GeoJSON.Geometry, code: string): GeoJSON.Feature {
  return { type: "Feature", geometry, properties: { code } };
}

/**
 * What lies around, without the ground that the service's style puts below it; houses below all else. Layers of a
 * source lie together: where the source changes from one to the next, the map masks all its tiles anew.
 */
export function surroundingsOf(style: StyleSpecification | null): Pick<StyleSpecification, "sources" | "layers"> {
  const layers = (style?.layers ?? []).filter((layer) => layerNameOf(layer) !== null);
  const houses = layers.filter((layer) => layerNameOf(layer) === "compound_buildings");
  return { layers: [...new Set([...houses, ...layers])], sources: style?.sources ?? {} };
}

export function composeZoneStyle(style: StyleSpecification | null, picture: ZonePicture): StyleSpecification {
  const { layers, sources } = surroundingsOf(style);
  const buildings: LayerSpecification = {
    id: "page-buildings",
    type: "fill",
    source: "page-buildings",
    paint: {
      "fill-color": ["case", ["==", ["get", "code"], picture.chosen ?? ""], CHOSEN, "#7fa8c6"],
      "fill-outline-color": ZONE,
    },
  };
  return {
    version: 8,
    sources: {
      ...sources,
      "page-zone": { type: "geojson", data: feature(picture.outline, "") },
      "page-buildings": {
        type: "geojson",
        data: {
          type: "FeatureCollection",
          features: picture.buildings.map(({ code, geometry }) => feature(geometry, code)),
        },
      },
    },
    layers: [
      ...layers,
      { id: "page-zone", type: "fill", source: "page-zone", paint: { "fill-color": ZONE, "fill-opacity": 0.1 } },
      {
        id: "page-zone-outline",
        type: "line",
        source: "page-zone",
        layout: { "line-join": "round" },
        paint: { "line-color": ZONE, "line-width": 3.5 },
      },
      buildings,
    ],
  };
}

/** One zone and its buildings over a little of their surroundings. */
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

import { layerNameOf } from "./style";

export interface ZonePicture {
  outline: GeoJSON.Geometry;
  buildings: readonly { code: string; geometry: GeoJSON.Geometry }[];
  chosen: string | null;
}

/** Published layers that help a walker find the way. */
const SURROUNDINGS = new Set(["communities", "compound_buildings", "barriers", "walkways"]);
const ZONE = "#14507a";
const CHOSEN = "#b45309";

function feature(geometry: GeoJSON.Geometry, code: string): GeoJSON.Feature {
  return { type: "Feature", geometry, properties: { code } };
}

/** Published layers that help to find the way, taken out of the service's style. */
export function surroundingsOf(style: StyleSpecification | null): Pick<StyleSpecification, "sources" | "layers"> {
  const layers = (style?.layers ?? []).filter((layer) => SURROUNDINGS.has(layerNameOf(layer) ?? ""));
  const used = new Set(layers.map((layer) => ("source" in layer ? layer.source : "")));
  const sources = Object.fromEntries(Object.entries(style?.sources ?? {}).filter(([name]) => used.has(name)));
  return { layers, sources };
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

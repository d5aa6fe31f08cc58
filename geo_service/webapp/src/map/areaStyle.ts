/** Places in flat colours, with nothing under them: a choropleth, or the units of a community. */
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

export interface ColouredPlace {
  layer: string;
  code: string;
  geometry: GeoJSON.Geometry;
  /** Null draws the outline alone. */
  colour: string | null;
}

const OUTLINE = "#5b6672";
const CHOSEN_OUTLINE = "#111827";
const CHOSEN_HALO = "#ffffff";

function collectionOf(places: readonly ColouredPlace[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: places.map(({ code, colour, geometry }) => ({
      type: "Feature",
      geometry,
      properties: { code, ...(colour === null ? {} : { colour }) },
    })),
  };
}

function layersOf(source: string, chosen: string): LayerSpecification[] {
  const line = (id: string, colour: string, width: number): LayerSpecification => ({
    id: `page-${source}-${id}`,
    type: "line",
    source,
    filter: ["==", ["get", "code"], chosen],
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  return [
    {
      id: `${source}-fill`,
      type: "fill",
      source,
      filter: ["has", "colour"],
      paint: { "fill-color": ["get", "colour"] },
    },
    {
      id: `page-${source}-outline`,
      type: "line",
      source,
      layout: { "line-join": "round" },
      paint: { "line-color": OUTLINE, "line-width": 1.2 },
    },
    line("halo", CHOSEN_HALO, 6),
    line("chosen", CHOSEN_OUTLINE, 3),
  ];
}

/** `places` layer by layer, the first layer undermost, with the one of code `chosen` outlined. */
export function composeAreaStyle(places: readonly ColouredPlace[], chosen: string | null): StyleSpecification {
  const names = [...new Set(places.map((place) => place.layer))];
  return {
    version: 8,
    sources: Object.fromEntries(
      names.map((name) => [
        name,
        { type: "geojson" as const, data: collectionOf(places.filter((place) => place.layer === name)) },
      ]),
    ),
    layers: names.flatMap((name) => layersOf(name, chosen ?? "")),
  };
}

import type { StyleSpecification } from "maplibre-gl";

import { boundsOf } from "./bounds";
import type { MapLabel } from "./labels";
import type { Outline } from "./outlines";
import { PROPOSAL_LAYERS, PROPOSAL_SOURCES, type ProposalPicture } from "./proposalLayers";
import { surroundingsOf } from "./zoneStyle";

export const BUILDINGS = "page-buildings";
export const ZONES = "page-zones";

const COLOUR = ["coalesce", ["feature-state", "colour"], ["get", "colour"]];
const CHOSEN = ["boolean", ["feature-state", "chosen"], false];

/** What the map shows of a plan. */
export interface BoardPicture {
  /** Longitude and latitude of each building; another object is another board. */
  points: { readonly lon: readonly number[]; readonly lat: readonly number[] };
  /** By building, as in `points`. */
  colours: readonly string[];
  selected: ReadonlySet<number>;
  zones: readonly ZonePicture[];
  proposal: ProposalPicture | null;
}

export interface OutlinedZone {
  code: string;
  geometry: Outline;
}

export interface ColouredOutline extends OutlinedZone {
  colour: string;
}

export interface ZonePicture extends ColouredOutline {
  name: string;
  chosen: boolean;
}

export function outlineFeature({ code, geometry, colour }: ColouredOutline): GeoJSON.Feature {
  return { type: "Feature", geometry, properties: { code, colour } };
}

/** The names of zones, to be written on them. */
export function zoneLabels(zones: readonly ZonePicture[]): MapLabel[] {
  return zones.map(({ code, name, geometry, chosen }) => ({
    id: code,
    kind: "zone",
    text: name,
    bounds: boundsOf(geometry),
    chosen,
  }));
}

/** Zones and buildings over a little of their surroundings; what changes later comes as states of features. */
export function composeWorkStyle(surroundings: StyleSpecification | null, picture: BoardPicture): StyleSpecification {
  const { layers, sources } = surroundingsOf(surroundings);
  const zones = { type: "FeatureCollection", features: picture.zones.map(outlineFeature) };
  return {
    version: 8,
    sources: {
      ...sources,
      ...PROPOSAL_SOURCES,
      // Within a pixel of the truth: a third fewer corners than MapLibre would keep.
      [ZONES]: { type: "geojson", data: zones, promoteId: "code", tolerance: 0.75 },
    },
    layers: [
      {
        id: ZONES,
        type: "fill",
        source: ZONES,
        // Their edges are drawn by the lines; smoothing them costs as much as the rest of the layer.
        paint: { "fill-antialias": false, "fill-color": COLOUR, "fill-opacity": ["case", CHOSEN, 0.38, 0.2] },
      },
      // Zones fill the ground already.
      ...layers.filter(({ id }) => id !== "communities-fill"),
      {
        id: "page-zone-lines",
        type: "line",
        source: ZONES,
        paint: { "line-color": COLOUR, "line-width": ["case", CHOSEN, 4, 2] },
      },
      ...PROPOSAL_LAYERS,
    ],
  } as StyleSpecification;
}

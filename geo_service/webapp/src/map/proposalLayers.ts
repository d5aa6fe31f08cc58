/** What the solver proposes, drawn over the plan as it is: new outlines dashed, and rings round what moves. */
import type { GeoJSONSource, LayerSpecification, Map as MapLibreMap, SourceSpecification } from "maplibre-gl";

export interface ProposalPicture {
  /** Borders of the zones that would change or come. */
  outlines: readonly GeoJSON.Position[][];
  /** Buildings that would change zone, each in the colour of the zone it would come to. */
  moved: readonly { at: [number, number]; colour: string }[];
}

const OUTLINES = "page-proposed-outlines";
const MOVED = "page-proposed-moves";
const INK = "#111827";
const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export const PROPOSAL_SOURCES: Record<string, SourceSpecification> = {
  [OUTLINES]: { type: "geojson", data: NOTHING },
  [MOVED]: { type: "geojson", data: NOTHING },
};

/** Below the buildings: their dots say where they are now, the rings where they would be. */
export const PROPOSAL_LAYERS: LayerSpecification[] = [
  {
    id: OUTLINES,
    type: "line",
    source: OUTLINES,
    layout: { "line-join": "round", visibility: "none" },
    paint: { "line-color": INK, "line-width": 2.5, "line-dasharray": [2.5, 1.5] },
  },
  {
    id: MOVED,
    type: "circle",
    source: MOVED,
    layout: { visibility: "none" },
    paint: {
      "circle-color": ["get", "colour"],
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 5, 15, 11, 18, 18],
      "circle-stroke-color": INK,
      "circle-stroke-width": 2,
    },
  },
];

export function paintProposal(map: MapLibreMap, picture: ProposalPicture | null): void {
  const source = (name: string): GeoJSONSource => map.getSource(name) as GeoJSONSource;
  // An empty source would be masked in every frame all the same.
  for (const layer of PROPOSAL_LAYERS) map.setLayoutProperty(layer.id, "visibility", picture ? "visible" : "none");
  source(OUTLINES).setData({
    type: "Feature",
    geometry: { type: "MultiLineString", coordinates: [...(picture?.outlines ?? [])] },
    properties: {},
  });
  source(MOVED).setData({
    type: "FeatureCollection",
    features: (picture?.moved ?? []).map(({ at, colour }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: at },
      properties: { colour },
    })),
  });
}

/** What the map shows, composed from the service's style and the page's state; MapLibre draws the difference. */
import type { FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

/** One feature of one published layer. */
export interface FeatureRef {
  layer: string;
  code: string;
}

export interface Emphasis {
  /** Published layers that the reader has switched on or off; the others are as the service's style has them. */
  shown: ReadonlyMap<string, boolean>;
  /** The area asked about: the others of its kind are dimmed. */
  area: FeatureRef | null;
  /** The feature the reader picked. */
  picked: FeatureRef | null;
}

const DIM = "rgba(250, 251, 252, 0.62)";
const AREA_OUTLINE = "#14507a";
const PICKED_OUTLINE = "#111827";
const PICKED_HALO = "#ffffff";

/** The published layer a style layer draws; null for the background. */
export function layerNameOf(layer: LayerSpecification): string | null {
  if (!("source" in layer)) return null;
  return layer["source-layer"] ?? layer.source;
}

function withVisibility(layer: LayerSpecification, shown: ReadonlyMap<string, boolean>): LayerSpecification {
  const visible = shown.get(layerNameOf(layer) ?? "");
  if (visible === undefined) return layer;
  return { ...layer, layout: { ...layer.layout, visibility: visible ? "visible" : "none" } } as LayerSpecification;
}

function sourceOf(style: StyleSpecification, name: string): { source: string; "source-layer": string } | null {
  const layer = style.layers.find((candidate) => layerNameOf(candidate) === name);
  return layer && "source" in layer ? { source: layer.source, "source-layer": name } : null;
}

function areaLayers(style: StyleSpecification, area: FeatureRef): LayerSpecification[] {
  const place = sourceOf(style, area.layer);
  if (!place) return [];
  const others: FilterSpecification = ["!=", ["get", "code"], area.code];
  const itself: FilterSpecification = ["==", ["get", "code"], area.code];
  return [
    { id: "page-other-areas", type: "fill", ...place, filter: others, paint: { "fill-color": DIM } },
    {
      id: "page-area-outline",
      type: "line",
      ...place,
      filter: itself,
      layout: { "line-join": "round" },
      paint: { "line-color": AREA_OUTLINE, "line-width": 3 },
    },
  ];
}

function pickedLayers(style: StyleSpecification, picked: FeatureRef): LayerSpecification[] {
  const place = sourceOf(style, picked.layer);
  if (!place) return [];
  const filter: FilterSpecification = ["==", ["get", "code"], picked.code];
  const line = (id: string, colour: string, width: number): LayerSpecification => ({
    id,
    type: "line",
    ...place,
    filter,
    layout: { "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  return [line("page-picked-halo", PICKED_HALO, 7), line("page-picked-outline", PICKED_OUTLINE, 3)];
}

/** The service's style with layers switched off, other areas dimmed and the picked feature outlined. */
export function composeStyle(style: StyleSpecification, emphasis: Emphasis): StyleSpecification {
  return {
    ...style,
    layers: [
      ...style.layers.map((layer) => withVisibility(layer, emphasis.shown)),
      ...(emphasis.area ? areaLayers(style, emphasis.area) : []),
      ...(emphasis.picked ? pickedLayers(style, emphasis.picked) : []),
    ],
  };
}

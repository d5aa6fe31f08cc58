/**
 * The map: what it shows comes in as a style, labels and bounds; what the reader does goes out as events.
 * Its canvases are imported one by one, since MapLibre comes with them.
 */
export { composeAreaStyle, type ColouredPlace } from "./areaStyle";
export { type Bounds, boundsOf, unionOf } from "./bounds";
export type { MapLabel } from "./labels";
export type { HoveredFeature, PickedFeature } from "./planMap";
export { composePlacesStyle } from "./placesStyle";
export { composeStyle, type FeatureRef } from "./style";
export { composeZoneStyle, SURROUNDINGS } from "./zoneStyle";
export { formatView, type MapView, parseView } from "./view";
export { BRUSH_RADII_PX, type BrushStroke } from "./brush";
export type { Outline } from "./outlines";
export type { ProposalPicture } from "./proposalLayers";
export type { WorkMapTool } from "./workMap";
export type { BoardPicture } from "./workStyle";
export type { StyleSpecification as MapStyle } from "maplibre-gl";
export type { MarkedPlace } from "./twinMaps";

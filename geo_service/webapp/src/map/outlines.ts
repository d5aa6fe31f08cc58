/** Outlines as planners pull at them: fewer corners, rings one by one, and together again. */
import simplify from "@turf/simplify";

export type Outline = GeoJSON.Polygon | GeoJSON.MultiPolygon;

/** About two metres: borders run midway between buildings, so none changes sides. */
const TOLERANCE_DEG = 0.00002;

/** The outer rings of an outline with as few corners as show its shape. */
export function ringsToPull(outline: Outline): GeoJSON.Polygon[] {
  const parts = outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates;
  return parts.map(([ring = []]) =>
    simplify<GeoJSON.Polygon>({ type: "Polygon", coordinates: [ring] }, { tolerance: TOLERANCE_DEG, highQuality: true }),
  );
}

/** Pulled rings as one outline, with the holes that the outline had. */
export function outlineOf(rings: readonly GeoJSON.Polygon[], before: Outline | null): Outline {
  const parts = before === null ? [] : before.type === "Polygon" ? [before.coordinates] : before.coordinates;
  const coordinates = rings.map((ring, place) => [...ring.coordinates, ...(parts[place] ?? []).slice(1)]);
  const [only = []] = coordinates;
  return coordinates.length === 1
    ? { type: "Polygon", coordinates: only }
    : { type: "MultiPolygon", coordinates };
}

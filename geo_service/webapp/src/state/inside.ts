type Point = readonly [number, number];

/** Whether a point lies within a ring: a ray from it crosses the ring an odd number of times (Shimrat 1962). */
function isInside([x, y]: Point, ring: readonly GeoJSON.Position[]): boolean {
  let inside = false;
  ring.forEach(([x1 = 0, y1 = 0], place) => {
    const [x2 = 0, y2 = 0] = ring[(place + 1) % ring.length] ?? [];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}

/** Whether a point lies within an outline and in none of its holes. */
export function isWithin(point: Point, outline: GeoJSON.Polygon | GeoJSON.MultiPolygon): boolean {
  const parts = outline.type === "Polygon" ? [outline.coordinates] : outline.coordinates;
  return parts.some(([ring = [], ...holes]) => isInside(point, ring) && !holes.some((hole) => isInside(point, hole)));
}

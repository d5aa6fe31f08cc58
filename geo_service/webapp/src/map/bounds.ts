/** Bounding boxes in degrees: west, south, east, north. */
export type Bounds = [west: number, south: number, east: number, north: number];

export function centreOf([west, south, east, north]: Bounds): [longitude: number, latitude: number] {
  return [(west + east) / 2, (south + north) / 2];
}

export function unionOf(all: readonly Bounds[]): Bounds | null {
  if (all.length === 0) return null;
  return [
    Math.min(...all.map((bounds) => bounds[0])),
    Math.min(...all.map((bounds) => bounds[1])),
    Math.max(...all.map((bounds) => bounds[2])),
    Math.max(...all.map((bounds) => bounds[3])),
  ];
}

type Coordinates = number | Coordinates[];

function positionsIn(coordinates: Coordinates[]): number[][] {
  if (typeof coordinates[0] === "number") return [coordinates as number[]];
  return coordinates.flatMap((part) => positionsIn(part as Coordinates[]));
}

const known = new WeakMap<GeoJSON.Geometry, Bounds>();

/** Of a geometry, which nobody may change afterwards: many are asked of again with every edit. */
export function boundsOf(geometry: GeoJSON.Geometry): Bounds {
  const bounds = known.get(geometry) ?? measured(geometry);
  known.set(geometry, bounds);
  return bounds;
}

function measured(geometry: GeoJSON.Geometry): Bounds {
  if (geometry.type === "GeometryCollection") return unionOf(geometry.geometries.map(boundsOf)) ?? [0, 0, 0, 0];
  return positionsIn(geometry.coordinates).reduce<Bounds>(
    ([west, south, east, north], [longitude = 0, latitude = 0]) => [
      Math.min(west, longitude),
      Math.min(south, latitude),
      Math.max(east, longitude),
      Math.max(north, latitude),
    ],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
}

/** Of points given by their longitudes and latitudes; the whole world for none. */
export function boundsOfPoints({ lon, lat }: { lon: readonly number[]; lat: readonly number[] }): Bounds {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  lon.forEach((x, place) => {
    const y = lat[place] ?? 0;
    if (x < bounds[0]) bounds[0] = x;
    if (y < bounds[1]) bounds[1] = y;
    if (x > bounds[2]) bounds[2] = x;
    if (y > bounds[3]) bounds[3] = y;
  });
  return lon.length > 0 ? bounds : [-180, -85, 180, 85];
}

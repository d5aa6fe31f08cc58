/** Colours of zones on the map: told apart by the colour-blind, and never the same on both sides of a border. */
import type { BoardZone } from "../api";

/** Okabe and Ito's palette (2008) without black, with the brand's blue for one neighbour more. */
export const ZONE_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#14507a"];
export const NO_ZONE_COLOUR = "#6b7280";

export interface ColouredZone {
  zone: BoardZone;
  colour: string;
}

/** About sixty metres: as far as a zone across a river or a road is still seen as a neighbour. */
const CELL_DEG = 0.0006;

interface Footprint {
  /** Of a grid, those that corners of the outline lie in. */
  cells: ReadonlySet<number>;
  west: number;
  south: number;
  east: number;
  north: number;
}

/** More rows than the grid has round the world. */
const COLUMN = 1_000_000;

/** Worked out once an outline. */
const footprints = new WeakMap<BoardZone, Footprint>();

function footprintOf(zone: BoardZone): Footprint {
  const known = footprints.get(zone);
  if (known) return known;
  const cells = new Set<number>();
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rings of zone.geometry.coordinates) {
    for (const ring of rings) {
      for (const [longitude = 0, latitude = 0] of ring) {
        const [x, y] = [Math.floor(longitude / CELL_DEG), Math.floor(latitude / CELL_DEG)];
        cells.add(x * COLUMN + y);
        [west, south, east, north] = [Math.min(west, x), Math.min(south, y), Math.max(east, x), Math.max(north, y)];
      }
    }
  }
  const found = { cells, west, south, east, north };
  footprints.set(zone, found);
  return found;
}

/** Whether a cell of the one lies in or beside a cell of the other. */
function areNeighbours(one: Footprint, other: Footprint): boolean {
  if (one.west > other.east + 1 || other.west > one.east + 1) return false;
  if (one.south > other.north + 1 || other.south > one.north + 1) return false;
  for (const cell of one.cells) {
    for (const x of [cell - COLUMN, cell, cell + COLUMN]) {
      if (other.cells.has(x - 1) || other.cells.has(x) || other.cells.has(x + 1)) return true;
    }
  }
  return false;
}

/** A colour for every zone; those that have not changed keep theirs. */
export function colourZones(
  zones: readonly BoardZone[],
  before: ReadonlyMap<string, ColouredZone> = new Map(),
): Map<string, ColouredZone> {
  const coloured = new Map<string, ColouredZone>();
  for (const zone of zones) {
    const earlier = before.get(zone.code);
    if (earlier?.zone === zone) coloured.set(zone.code, earlier);
  }
  for (const zone of zones) {
    if (coloured.has(zone.code)) continue;
    const footprint = footprintOf(zone);
    const neighbours = zones.filter((other) => other !== zone && areNeighbours(footprint, footprintOf(other)));
    const taken = new Set(neighbours.map(({ code }) => coloured.get(code)?.colour));
    const kept = before.get(zone.code)?.colour;
    const free = ZONE_COLOURS.find((colour) => !taken.has(colour)) ?? ZONE_COLOURS[0]!;
    coloured.set(zone.code, { zone, colour: kept !== undefined && !taken.has(kept) ? kept : free });
  }
  return coloured;
}

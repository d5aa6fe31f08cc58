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

/** The cells of a grid that the corners of an outline lie in; worked out once an outline. */
const cellsOfZone = new WeakMap<BoardZone, ReadonlySet<string>>();

function cellsOf(zone: BoardZone): ReadonlySet<string> {
  const known = cellsOfZone.get(zone);
  if (known) return known;
  const cells = new Set<string>();
  for (const rings of zone.geometry.coordinates) {
    for (const ring of rings) {
      for (const [x = 0, y = 0] of ring) cells.add(`${Math.floor(x / CELL_DEG)},${Math.floor(y / CELL_DEG)}`);
    }
  }
  cellsOfZone.set(zone, cells);
  return cells;
}

/** Codes of zones by each cell that they, or a cell beside it, lie in. */
function placesOf(zones: readonly BoardZone[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const zone of zones) {
    for (const cell of cellsOf(zone)) {
      const there = places.get(cell);
      if (there) there.push(zone.code);
      else places.set(cell, [zone.code]);
    }
  }
  return places;
}

function neighboursOf(zone: BoardZone, places: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  for (const cell of cellsOf(zone)) {
    const [column = 0, row = 0] = cell.split(",").map(Number);
    for (const x of [column - 1, column, column + 1]) {
      for (const y of [row - 1, row, row + 1]) for (const code of places.get(`${x},${y}`) ?? []) found.add(code);
    }
  }
  found.delete(zone.code);
  return found;
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
  const places = placesOf(zones);
  for (const zone of zones) {
    if (coloured.has(zone.code)) continue;
    const taken = new Set([...neighboursOf(zone, places)].map((code) => coloured.get(code)?.colour));
    const kept = before.get(zone.code)?.colour;
    const free = ZONE_COLOURS.find((colour) => !taken.has(colour)) ?? ZONE_COLOURS[0]!;
    coloured.set(zone.code, { zone, colour: kept !== undefined && !taken.has(kept) ? kept : free });
  }
  return coloured;
}

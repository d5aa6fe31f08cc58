/** A proposal as the map draws it. */
import type { Board, BoardZone, ProposalReport } from "../api";
import { type ColouredZone, colourZones, NO_ZONE_COLOUR } from "./zoneColours";

interface Picture {
  outlines: GeoJSON.Position[][];
  moved: { at: [number, number]; colour: string }[];
}

/** The borders of zones, each once: dashes drawn along a border from both sides would fill its gaps. */
function bordersOf(zones: readonly BoardZone[]): GeoJSON.Position[][] {
  const drawn = new Set<string>();
  const lines: GeoJSON.Position[][] = [];
  for (const ring of zones.flatMap((zone) => zone.geometry.coordinates.flat())) {
    let line: GeoJSON.Position[] = [];
    for (const [place, end] of ring.entries()) {
      const start = ring[place - 1];
      if (!start) continue;
      const key = [start.join(), end.join()].sort().join(" ");
      if (drawn.has(key)) line = [];
      else {
        if (line.length === 0) lines.push((line = [start]));
        line.push(end);
        drawn.add(key);
      }
    }
  }
  return lines;
}

/** Zones that go on keep their colours; new ones get some that their neighbours have not. */
export function pictureOf(
  report: ProposalReport,
  board: Board,
  coloured: ReadonlyMap<string, ColouredZone>,
): Picture {
  const gone = new Set(report.deleted);
  const after = new Map([...coloured].flatMap(([code, { zone }]) => (gone.has(code) ? [] : [[code, zone]])));
  for (const zone of report.zones) after.set(zone.code, zone);
  const colours = colourZones([...after.values()], coloured);
  const placeOf = new Map(board.buildings.code.map((code, place) => [code, place]));
  return {
    outlines: bordersOf(report.zones),
    moved: report.moves.flatMap(({ building, to }) => {
      const place = placeOf.get(building);
      if (place === undefined) return [];
      const at: [number, number] = [board.buildings.lon[place] ?? 0, board.buildings.lat[place] ?? 0];
      return [{ at, colour: (to === null ? undefined : colours.get(to)?.colour) ?? NO_ZONE_COLOUR }];
    }),
  };
}

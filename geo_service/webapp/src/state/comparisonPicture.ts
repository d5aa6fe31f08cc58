/** Two compared plans as two maps show them: matched zones in one colour. */
import type { Board, BoardZone, PlanComparison, ZonePair } from "../api";
import type { BoardPicture } from "../map";
import { colourZones, NO_ZONE_COLOUR } from "./zoneColours";

export type Colours = ReadonlyMap<string, string>;

/** A pair as one zone that lies where either lies: its colour then differs from neighbours on both maps. */
function merged({ a, b }: ZonePair, place: number, zonesA: Map<string, BoardZone>, zonesB: Map<string, BoardZone>): BoardZone[] {
  const both = [zonesA.get(a?.code ?? ""), zonesB.get(b?.code ?? "")].filter((zone) => zone !== undefined);
  const coordinates = both.flatMap((zone) => zone.geometry.coordinates);
  return both.slice(0, 1).map((zone) => ({ ...zone, code: String(place), geometry: { type: "MultiPolygon", coordinates } }));
}

/** Colours of zones by code, of either plan. */
export function colourPairs(pairs: readonly ZonePair[], a: Board, b: Board): [Colours, Colours] {
  const [zonesA, zonesB] = [a, b].map(({ zones }) => new Map(zones.map((zone) => [zone.code, zone])));
  const coloured = colourZones(pairs.flatMap((pair, place) => merged(pair, place, zonesA!, zonesB!)));
  const of = (side: "a" | "b"): Colours =>
    new Map(pairs.map((pair, place) => [pair[side]?.code ?? "", coloured.get(String(place))?.colour ?? NO_ZONE_COLOUR]));
  return [of("a"), of("b")];
}

/** What a board has in the communities that are compared. */
export function pictureOf(board: Board, { communities }: PlanComparison, colours: Colours): BoardPicture {
  const compared = new Set(communities.map(({ code }) => code));
  const isCompared = board.communities.map(({ code }) => compared.has(code));
  const { community, zone, lon, lat } = board.buildings;
  const places = community.flatMap((index, place) => (isCompared[index] ? [place] : []));
  const colourOf = (code: string | undefined): string => colours.get(code ?? " ") ?? NO_ZONE_COLOUR;
  return {
    points: { lon: places.map((place) => lon[place] ?? 0), lat: places.map((place) => lat[place] ?? 0) },
    colours: places.map((place) => colourOf(board.zones[zone[place] ?? -1]?.code)),
    selected: new Set(),
    zones: board.zones
      .filter(({ community_code }) => compared.has(community_code))
      .map(({ code, name, geometry }) => ({ code, name: name || code, geometry, colour: colourOf(code), chosen: false })),
    proposal: null,
  };
}

/** Exact shares: counts are whole, and areas have hundredths, so all are compared as whole hundredths. */

export interface Share {
  numerator: number;
  denominator: number;
}

/** Lower ends of the classes that the map and the table colour by, in percent; the last holds the complete alone. */
export const CLASS_ENDS = [0, 30, 50, 80, 100] as const;
/** ColorBrewer's YlGnBu: told apart without colour vision, and in print. */
export const CLASS_COLOURS = ["#fff7bc", "#c7e9b4", "#7fcdbb", "#2c7fb8", "#253494"] as const;
export const NOTHING_COLOUR = "#d5d9dd";
export const UNIT_COLOURS = { covered: "#2c7fb8", open: "#f4a261", before: "#c9ced4" } as const;

function whole(amount: number): bigint {
  return BigInt(Math.round(amount * 100));
}

/** Negative where `one` is the smaller share; both have something to count. */
export function compareShares(one: Share, other: Share): number {
  const difference = whole(one.numerator) * whole(other.denominator) - whole(other.numerator) * whole(one.denominator);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Place of each share, the greatest 1; equal ones share a place and the next is left out. Null for nothing to count. */
export function ranksOf(shares: readonly Share[]): (number | null)[] {
  const best = shares.filter((share) => share.denominator > 0).sort((one, other) => compareShares(other, one));
  const places = new Map<Share, number>();
  best.forEach((share, index) => {
    const ahead = best[index - 1];
    const shared = ahead && compareShares(ahead, share) === 0 ? places.get(ahead) : undefined;
    places.set(share, shared ?? index + 1);
  });
  return shares.map((share) => places.get(share) ?? null);
}

/** The colour of a share's class; judged on exact counts, so that 79.996 % stays below 80 %. */
export function colourOf(share: Share): string {
  if (share.denominator <= 0) return NOTHING_COLOUR;
  const place = CLASS_ENDS.findLastIndex((percent) => compareShares(share, { numerator: percent, denominator: 100 }) >= 0);
  return CLASS_COLOURS[Math.max(place, 0)] ?? NOTHING_COLOUR;
}

/** The colour of a compound or standalone building; one that had management before the plan needs none. */
export function unitColourOf(unit: { covered: boolean; status: string }): string {
  if (unit.covered) return UNIT_COLOURS.covered;
  return unit.status === "managed" ? UNIT_COLOURS.before : UNIT_COLOURS.open;
}

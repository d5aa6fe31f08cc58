/** What strokes on the map mean for the plan: buildings selected, painted into a zone, or in an outline. */
import { computed, ref, shallowRef } from "vue";

import { isWithin } from "./inside";
import { useWorkbench } from "./workbench";

type Outline = GeoJSON.Polygon | GeoJSON.MultiPolygon;

function mostCommon(values: readonly number[]): number | null {
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one)[0]?.[0] ?? null;
}

export function useStrokeOrders() {
  const workbench = useWorkbench();
  /** Drawn on the map, and waiting for what it shall mean. */
  const outline = shallowRef<Outline | null>(null);
  /** Buildings that the last stroke of the brush left where they are. */
  const skipped = ref(0);

  const within = computed(() => (outline.value ? placesIn(outline.value) : []));
  /** The place of the community that an outline is about: the chosen zone's, or the one that fills it most. */
  const community = computed<number | null>(() => {
    const { communities = [], buildings } = workbench.board ?? {};
    const chosen = workbench.zones.get(workbench.chosenZone ?? "")?.community_code;
    if (chosen !== undefined) return communities.findIndex(({ code }) => code === chosen);
    return mostCommon(within.value.map((place) => buildings?.community[place] ?? -1).filter((each) => each >= 0));
  });
  /** Of the buildings in the outline those that can come into one zone. */
  const inside = computed(() =>
    within.value.filter((place) => workbench.board?.buildings.community[place] === community.value),
  );
  const elsewhere = computed(() => within.value.length - inside.value.length);

  function placesIn(drawn: Outline): number[] {
    const { lon = [], lat = [] } = workbench.board?.buildings ?? {};
    return lon.flatMap((x, place) => (isWithin([x, lat[place] ?? 0], drawn) ? [place] : []));
  }

  function lasso(drawn: GeoJSON.Polygon, besides: boolean): void {
    workbench.select(placesIn(drawn), besides);
  }

  /** Paint buildings into the chosen zone, or out of it; without a zone they are selected. */
  async function paint(places: readonly number[], erases: boolean): Promise<void> {
    const zone = workbench.zones.get(workbench.chosenZone ?? "");
    skipped.value = 0;
    if (!zone) {
      workbench.select(places, true);
      return;
    }
    const { board, zoneOf, zones } = workbench;
    const takes = places.filter((place) => (zoneOf[place] === zone.code) === erases);
    const free = takes.filter(
      (place) =>
        board?.communities[board.buildings.community[place] ?? -1]?.code === zone.community_code &&
        zones.get(zoneOf[place] ?? "")?.locked !== true,
    );
    if (free.length > 0) {
      const buildings = workbench.codesOf(free);
      await workbench.edit({ kind: "assign", zone: erases ? null : zone.code, buildings });
    }
    skipped.value = takes.length - free.length;
  }

  function splitBy(line: GeoJSON.LineString): void {
    if (workbench.chosenZone !== null) {
      void workbench.edit({ kind: "split_by_line", zone: workbench.chosenZone, line });
    }
  }

  /** The chosen zone takes in what lies in the outline; reshaped, it gives up what lies outside. */
  function join(reshape: boolean): Promise<void> {
    const drawn = outline.value;
    const zone = workbench.chosenZone;
    if (!drawn || zone === null) return Promise.resolve();
    outline.value = null;
    return workbench.edit({ kind: "assign_within", zone, outline: drawn, reshape });
  }

  function found(): Promise<void> {
    const drawn = outline.value;
    const code = workbench.board?.communities[community.value ?? -1]?.code;
    if (!drawn || code === undefined) return Promise.resolve();
    outline.value = null;
    return workbench.edit({ kind: "new_zone_within", community: code, outline: drawn });
  }

  /** What a key asks to be done with the selected buildings or the chosen zone, if there are any. */
  function order(does: "assign" | "found" | "takeOut" | "lock"): void {
    const zone = workbench.zones.get(workbench.chosenZone ?? "");
    const buildings = workbench.codesOf(workbench.selected);
    if (does === "lock") {
      if (zone) void workbench.edit({ kind: zone.locked ? "unlock" : "lock", zones: [zone.code] });
    } else if (buildings.length === 0) return;
    else if (does === "found") void workbench.edit({ kind: "new_zone", buildings });
    else if (does === "takeOut") void workbench.edit({ kind: "assign", zone: null, buildings });
    else if (zone) void workbench.edit({ kind: "assign", zone: zone.code, buildings });
  }

  return { order, outline, inside, elsewhere, skipped, lasso, paint, splitBy, join, found };
}

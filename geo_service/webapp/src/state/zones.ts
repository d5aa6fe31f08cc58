import { defineStore } from "pinia";
import { computed } from "vue";

import { listZones, type Outcome, type Zone } from "../api";
import { useChoice } from "./choice";
import { useRemote } from "./remote";

/** The zones in force in the chosen area on the chosen date, by code: west to east, then north to south. */
export const useZones = defineStore("zones", () => {
  const choice = useChoice();
  const { value, problem, loading, reload } = useRemote(
    () => (choice.area ? { area: choice.area.code, on: choice.on } : null),
    ({ area, on }, signal) => listZones(area, on, signal),
  );

  const all = computed<Zone[]>(() => [...(value.value?.zones ?? [])].sort((one, other) => (one.code < other.code ? -1 : 1)));
  const outcomes = computed(
    () => new Map<string, Outcome>((value.value?.outcomes ?? []).map((outcome) => [outcome.community_code, outcome])),
  );
  const chosen = computed(() => all.value.find((zone) => zone.code === choice.zoneCode) ?? null);

  return { all, outcomes, chosen, problem, loading, reload, answered: computed(() => value.value !== null) };
});

const DRAWN_NAME = /(?:第(\d+)片区| zone (\d+))$/;

/** The name a planner gave a zone; null for the one it was drawn with: the page numbers it in the reader's language. */
export function givenName(zone: Pick<Zone, "code" | "name">): string | null {
  if (zone.name === null || zone.name === zone.code) return null;
  const [, chinese, english] = DRAWN_NAME.exec(zone.name) ?? [];
  return Number(chinese ?? english) === Number(zoneNumber(zone)) ? null : zone.name;
}

/** The number its community gives a zone. */
export function zoneNumber(zone: Pick<Zone, "code">): string {
  return zone.code.slice(-3);
}

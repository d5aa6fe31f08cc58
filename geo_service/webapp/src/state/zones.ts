import { defineStore } from "pinia";
import { computed } from "vue";

import { listZones, type Zone } from "../api";
import { useChoice } from "./choice";
import { useRemote } from "./remote";

/** The zones in force in the chosen area on the chosen date, by code: west to east, then north to south. */
export const useZones = defineStore("zones", () => {
  const choice = useChoice();
  const { value, problem, loading, reload } = useRemote(
    () => (choice.area ? { area: choice.area.code, on: choice.on } : null),
    ({ area, on }, signal) => listZones(area, on, signal),
  );

  const all = computed<Zone[]>(() => [...(value.value ?? [])].sort((one, other) => (one.code < other.code ? -1 : 1)));
  const chosen = computed(() => all.value.find((zone) => zone.code === choice.zoneCode) ?? null);

  return { all, chosen, problem, loading, reload, answered: computed(() => value.value !== null) };
});

/** The name a zone was given; null while its code stands in for one. */
export function givenName(zone: Pick<Zone, "code" | "name">): string | null {
  return zone.name === zone.code ? null : zone.name;
}

/** The number its community gives a zone. */
export function zoneNumber(zone: Pick<Zone, "code">): string {
  return zone.code.slice(-3);
}

import { defineStore } from "pinia";
import { computed } from "vue";

import { type Area, listAreas } from "../api";
import { useRemote } from "./remote";

/** The areas within the reader's scope, as a list and as a tree. */
export const useAreas = defineStore("areas", () => {
  const { value, problem, loading, reload } = useRemote(() => true, (_, signal) => listAreas(signal));

  const all = computed<Area[]>(() => value.value ?? []);
  const byCode = computed(() => new Map(all.value.map((area) => [area.code, area])));
  const roots = computed(() => all.value.filter((area) => !byCode.value.has(area.parent_code ?? "")));

  function childrenOf(code: string): Area[] {
    return all.value.filter((area) => area.parent_code === code);
  }

  /** The areas of `kind` in the subtree of `code`, itself included. */
  function within(code: string, kind: Area["kind"]): Area[] {
    const area = byCode.value.get(code);
    if (!area) return [];
    const below = childrenOf(code).flatMap((child) => within(child.code, kind));
    return area.kind === kind ? [area, ...below] : below;
  }

  return { all, byCode, roots, childrenOf, within, problem, loading, reload, answered: computed(() => value.value !== null) };
});

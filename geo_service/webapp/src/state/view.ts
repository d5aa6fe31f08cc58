import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import type { Asked } from "../api";
import { onReturn, readAddress, writeAddress } from "./address";
import { useAreas } from "./areas";
import { useChoice } from "./choice";

/** What one row of the dashboard is; units are compounds and standalone buildings. */
export type Level = "subdistrict" | "community" | "unit";

const USUAL_MEASURE = "units";

/** How the reader looks at the chosen area: by which parts, counted in what, against which target. */
export const useView = defineStore("view", () => {
  const areas = useAreas();
  const choice = useChoice();
  const address = readAddress();

  const askedLevel = ref(address.level);
  const askedMeasure = ref(address.measure);
  const target = ref(address.target);
  /** The moment whose knowledge counts, as an ISO time; null for now. */
  const known = ref(address.known);

  /** The area or unit that the reader points at, by its code. */
  const pointed = ref<string | null>(null);

  const levels = computed<Level[]>(() => {
    if (!choice.area) return [];
    if (choice.area.kind === "community") return ["unit"];
    if (choice.area.kind === "subdistrict") return ["community"];
    return areas.within(choice.area.code, "subdistrict").length > 0 ? ["subdistrict", "community"] : ["community"];
  });

  /** The level asked for where the area has it; else the next one down that has something to compare. */
  const level = computed<Level>(() => {
    const asked = levels.value.find((each) => each === askedLevel.value);
    if (asked) return asked;
    const alone = choice.area !== null && areas.within(choice.area.code, "subdistrict").length === 1;
    return (alone ? levels.value.at(-1) : levels.value[0]) ?? "community";
  });

  const measure = computed(() => askedMeasure.value ?? USUAL_MEASURE);

  const asked = computed<Asked | null>(() =>
    choice.area
      ? {
          area: choice.area.code,
          by: level.value === "subdistrict" ? "subdistrict" : "community",
          on: choice.on,
          known: known.value ?? undefined,
        }
      : null,
  );

  /** The areas from the top of the reader's scope down to the chosen one. */
  const trail = computed(() => {
    const path = [];
    for (let area = choice.area; area; area = areas.byCode.get(area.parent_code ?? "") ?? null) path.unshift(area);
    return path;
  });

  function point(code: string | null): void {
    pointed.value = code;
  }

  function chooseLevel(chosen: Level): void {
    askedLevel.value = chosen;
  }

  function chooseMeasure(key: string): void {
    askedMeasure.value = key;
  }

  function chooseTarget(key: string): void {
    target.value = key;
  }

  onReturn(() => {
    const returned = readAddress();
    askedLevel.value = returned.level;
    askedMeasure.value = returned.measure;
    target.value = returned.target;
    known.value = returned.known;
  });

  watch([() => choice.area, level], () => point(null));
  watch([askedLevel, askedMeasure, target, known], () =>
    writeAddress({ level: askedLevel.value, measure: askedMeasure.value, target: target.value, known: known.value }),
  );

  return { level, levels, measure, target, known, asked, trail, pointed, point, chooseLevel, chooseMeasure, chooseTarget };
});

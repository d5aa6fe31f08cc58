import { defineStore } from "pinia";

import { measureCoverage } from "../api";
import { useAreas } from "./areas";
import { useChoice } from "./choice";
import { useRemote } from "./remote";

/** The coverage of the chosen area on the chosen date, by sub-district where it has several, else by community. */
export const useCoverage = defineStore("coverage", () => {
  const areas = useAreas();
  const choice = useChoice();

  return useRemote(
    () => {
      if (!choice.area) return null;
      const subdistricts = areas.within(choice.area.code, "subdistrict");
      const by = subdistricts.length > 1 ? ("subdistrict" as const) : ("community" as const);
      return { area: choice.area.code, by, on: choice.on };
    },
    ({ area, by, on }, signal) => measureCoverage(area, by, on, signal),
  );
});

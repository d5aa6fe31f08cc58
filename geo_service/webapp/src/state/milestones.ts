import { defineStore } from "pinia";
import { ref } from "vue";

import { followMilestones } from "../api";
import { useChoice } from "./choice";
import { useAreas } from "./areas";
import { useRemote } from "./remote";

/** Plan and actual of the chosen area up to the chosen date; asked for once somebody wants to see it. */
export const useMilestones = defineStore("milestones", () => {
  const areas = useAreas();
  const choice = useChoice();
  const wanted = ref(false);

  const remote = useRemote(
    () => {
      if (!wanted.value || !choice.area) return null;
      const subdistricts = areas.within(choice.area.code, "subdistrict");
      const by = subdistricts.length > 1 ? ("subdistrict" as const) : ("community" as const);
      return { area: choice.area.code, by, on: choice.on };
    },
    ({ area, by, on }, signal) => followMilestones(area, by, on, signal),
  );
  return { ...remote, wanted };
});

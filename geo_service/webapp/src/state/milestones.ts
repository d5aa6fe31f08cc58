import { defineStore } from "pinia";
import { ref } from "vue";

import { followMilestones } from "../api";
import { useAsked } from "./asked";
import { useRemote } from "./remote";

/** Plan and actual of the chosen area up to the chosen date; asked for once somebody wants to see it. */
export const useMilestones = defineStore("milestones", () => {
  const asked = useAsked();
  const wanted = ref(false);

  const remote = useRemote(() => (wanted.value ? asked() : null), followMilestones);
  return { ...remote, wanted };
});

/** The two plans that are compared: which they are, and what the service tells of them. */
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import { type Board, comparePlans, openBoard } from "../api";
import { onReturn, readAddress, writeAddress } from "./address";
import { useAreas } from "./areas";
import { useChoice } from "./choice";
import { useRemote } from "./remote";

type Plans = readonly [a: number | null, b: number | null];

function plansIn(text: string | null): Plans {
  const [a = null, b = null] = (text ?? "").split(",").map((each) => (/^\d{1,15}$/.test(each) ? Number(each) : null));
  return [a, b];
}

async function readBoard(plan: number, signal: AbortSignal): Promise<Board> {
  return (await openBoard(plan, signal)).document;
}

export const useComparison = defineStore("comparison", () => {
  const areas = useAreas();
  const choice = useChoice();
  const plans = ref<Plans>(plansIn(readAddress().plans));

  /** What is compared is narrowed to the chosen area where that is but a part of what the reader sees. */
  const area = computed(() =>
    choice.area === null || areas.roots.includes(choice.area) ? undefined : choice.area.code,
  );
  const settled = computed(() => areas.answered || areas.problem !== null);
  const asked = computed(() => {
    const [a, b] = plans.value;
    return !settled.value || a === null || b === null ? null : { a, b, area: area.value };
  });

  const compared = useRemote(() => asked.value, comparePlans);
  const boardA = useRemote(() => plans.value[0], readBoard);
  const boardB = useRemote(() => plans.value[1], readBoard);

  const problem = computed(
    () => compared.problem.value ?? boardA.problem.value ?? boardB.problem.value,
  );
  /** What is shown belongs together: answers of other plans still under way are not waited for half and half. */
  const shown = computed(() => {
    const [comparison, a, b] = [compared.value.value, boardA.value.value, boardB.value.value];
    if (problem.value || !comparison || !a || !b || compared.loading.value) return null;
    const fits = comparison.a.plan_id === a.plan_id && comparison.b.plan_id === b.plan_id;
    return fits ? { comparison, a, b } : null;
  });

  function choose(side: 0 | 1, plan: number | null): void {
    plans.value = side === 0 ? [plan, plans.value[1]] : [plans.value[0], plan];
  }

  function swap(): void {
    plans.value = [plans.value[1], plans.value[0]];
  }

  function reload(): void {
    for (const remote of [compared, boardA, boardB]) remote.reload();
  }

  onReturn(() => (plans.value = plansIn(readAddress().plans)));
  watch(plans, ([a, b]) => writeAddress({ plans: a === null && b === null ? null : `${a ?? ""},${b ?? ""}` }));

  return { plans, problem, shown, choose, swap, reload };
});

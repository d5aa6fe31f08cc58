/** What the solver is asked about the plan on the workbench, and what it proposes. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";

import {
  acceptProposal,
  ApiProblem,
  askSolver,
  dropProposal,
  findProposal,
  type Proposal,
  type ProposalAsk,
  readProposal,
} from "../api";
import { useWorkbench } from "./workbench";

const POLL_MS = 500;
const LOST_RACE = 412;

export const useProposal = defineStore("proposal", () => {
  const workbench = useWorkbench();
  const proposal = shallowRef<Proposal | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const busy = ref(false);
  /** Somebody else changed the plan since; it is shown as it is now, and what is proposed may still do. */
  const renewed = ref(false);
  let following = 0;

  const running = computed(() => proposal.value?.state === "running");
  const report = computed(() => (proposal.value?.state === "done" ? proposal.value.report : null));
  /** While something is proposed the plan is not edited by hand. */
  const open = computed(() => running.value || report.value !== null);

  const overtaken = computed(() => problem.value?.problem.key === "proposals.overtaken");

  async function attempt(work: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    renewed.value = false;
    try {
      await work();
    } catch (failure) {
      if (!(failure instanceof ApiProblem)) throw failure;
      problem.value = failure;
    } finally {
      busy.value = false;
    }
  }

  async function follow(): Promise<void> {
    following += 1;
    const mine = following;
    while (proposal.value?.state === "running") {
      const { plan_id: plan, number } = proposal.value;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (mine !== following) return;
      try {
        const read = await readProposal(plan, number);
        if (mine !== following) return;
        proposal.value = read;
        problem.value = null;
      } catch (failure) {
        if (!(failure instanceof ApiProblem)) throw failure;
        problem.value = failure;
        // The service may be back soon; what it does not know it will not know later.
        if (failure.problem.status === 404) proposal.value = null;
      }
    }
    if (proposal.value?.problem) problem.value = new ApiProblem(proposal.value.problem);
  }

  /** Take up what was asked about a plan before and is not settled yet. */
  async function find(plan: number): Promise<void> {
    leave();
    await attempt(async () => {
      const number = await findProposal(plan);
      if (number !== null) proposal.value = await readProposal(plan, number);
    });
    await follow();
  }

  async function ask(question: ProposalAsk): Promise<void> {
    const plan = workbench.board?.plan_id;
    if (plan === undefined) return;
    await attempt(async () => {
      proposal.value = await askSolver(plan, question, workbench.seen());
    });
    await follow();
  }

  /** Cancel what is being worked out, or drop what is proposed. */
  function drop(): Promise<void> {
    return attempt(async () => {
      if (!proposal.value) return;
      const { plan_id: plan, number } = proposal.value;
      following += 1;
      proposal.value = await dropProposal(plan, number);
    });
  }

  function accept(): Promise<void> {
    return attempt(async () => {
      if (!proposal.value) return;
      const { plan_id: plan, number } = proposal.value;
      try {
        await workbench.adopt((seen) => acceptProposal(plan, number, seen));
        proposal.value = { ...proposal.value, state: "accepted", report: null };
      } catch (failure) {
        if (!(failure instanceof ApiProblem) || failure.problem.status !== LOST_RACE) throw failure;
        await workbench.open(plan);
        renewed.value = true;
      }
    });
  }

  /** Forget what is shown; the service keeps what is not settled. */
  function leave(): void {
    following += 1;
    proposal.value = problem.value = null;
    renewed.value = false;
  }

  return { proposal, problem, busy, renewed, running, report, open, overtaken, find, ask, drop, accept, leave };
});

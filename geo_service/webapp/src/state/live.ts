/** Others' edits, shown while they happen; and the truth after a connection was lost. */
import { onBeforeUnmount, onMounted, ref, shallowRef, watch } from "vue";

import { ApiProblem, followPlan, type PastEdit, readMe } from "../api";
import { useWorkbench } from "./workbench";

const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Who may not ask, or for what is not there, will not be answered by asking again. */
const REFUSED = new Set([401, 403, 404]);

/** What became of an order whose answer was lost. */
export interface Settled {
  saved: readonly PastEdit[];
}

/** Follow the plan on the workbench for as long as the component that asks is there and the page is looked at. */
export function useLive() {
  const workbench = useWorkbench();
  const broken = ref(false);
  const gone = ref(false);
  /** Newest first. */
  const told = shallowRef<readonly PastEdit[]>([]);
  const settled = shallowRef<Settled | null>(null);
  let stream: AbortController | null = null;
  let me: string | null = null;

  async function catchUp(revision?: number): Promise<void> {
    const since = await workbench.catchUp(revision);
    broken.value = false;
    if (since === null) return;
    if (workbench.unanswered) {
      workbench.unanswered = false;
      settled.value = { saved: since.filter((edit) => edit.actor === me) };
      told.value = since.filter((edit) => edit.actor !== me);
    } else if (since.length > 0) told.value = since;
  }

  /** Follow until the stream ends; whether the plan is still there then. */
  async function followOnce(plan: number, signal: AbortSignal, caughtUp: () => void): Promise<boolean> {
    const connection = new AbortController();
    // A page that cannot catch up is no better off than one that hears nothing: it begins anew.
    const heard = (revision?: number): void =>
      void catchUp(revision).then(caughtUp, (failure: unknown) => {
        connection.abort();
        if (!(failure instanceof ApiProblem)) throw failure;
      });
    const follower = {
      // What was missed since is told first; only whoever waits for certainty has to ask.
      begun: () => (broken.value || workbench.unanswered) && heard(),
      news: (event: { revision: number }) => heard(event.revision),
    };
    try {
      me ??= (await readMe(signal)).name;
      const either = AbortSignal.any([signal, connection.signal]);
      return (await followPlan(plan, workbench.revision, follower, either)) !== "gone";
    } catch (failure) {
      if (signal.aborted) return true;
      if (!(failure instanceof ApiProblem)) throw failure;
      return !REFUSED.has(failure.problem.status);
    }
  }

  async function follow(plan: number, signal: AbortSignal): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    for (;;) {
      const there = await followOnce(plan, signal, () => (pauseMs = SHORTEST_PAUSE_MS));
      if (signal.aborted) return;
      gone.value = !there;
      if (gone.value) return;
      broken.value = true;
      // Not all pages at once when a server comes back.
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  function begin(): void {
    stream?.abort();
    stream = null;
    const plan = workbench.board?.plan_id;
    // A browser keeps few connections to a server: pages that nobody looks at take none.
    if (plan === undefined || document.visibilityState === "hidden") return;
    stream = new AbortController();
    void follow(plan, stream.signal);
  }

  function dismiss(): void {
    told.value = [];
    settled.value = null;
  }

  watch(
    () => workbench.board?.plan_id,
    () => {
      broken.value = false;
      gone.value = false;
      dismiss();
      begin();
    },
  );
  watch(
    () => workbench.unanswered,
    (lost) => {
      if (!lost) return;
      dismiss();
      broken.value = true;
      begin();
    },
  );
  onMounted(() => {
    document.addEventListener("visibilitychange", begin);
    begin();
  });
  onBeforeUnmount(() => {
    document.removeEventListener("visibilitychange", begin);
    stream?.abort();
  });

  return { broken, gone, told, settled, dismiss };
}

import { type Ref, ref, shallowRef, watch } from "vue";

import { ApiProblem } from "../api";

/** An answer of the service that follows what it was asked about. */
export interface Remote<T> {
  value: Ref<T | null>;
  problem: Ref<ApiProblem | null>;
  loading: Ref<boolean>;
  /** Ask this again, and every other question that got no answer. */
  reload: () => void;
}

/** What asks again each question that got no answer: one cause often fails several. */
const unanswered = new Set<() => void>();

/**
 * Ask again whenever `question` changes; null asks nothing. The last value stays visible while the next is on its
 * way, and an answer to an earlier question never overwrites a later one's.
 */
export function useRemote<Q, T>(
  question: () => Q | null,
  ask: (question: Q, signal: AbortSignal) => Promise<T>,
): Remote<T> {
  const value = shallowRef<T | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const loading = ref(false);
  const attempt = ref(0);
  const again = (): void => {
    attempt.value++;
  };

  async function answer(asked: Q, signal: AbortSignal): Promise<void> {
    loading.value = true;
    try {
      const answered = await ask(asked, signal);
      if (signal.aborted) return;
      value.value = answered;
      problem.value = null;
      unanswered.delete(again);
    } catch (failure) {
      if (signal.aborted) return;
      if (!(failure instanceof ApiProblem)) throw failure;
      value.value = null;
      problem.value = failure;
      unanswered.add(again);
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  }

  watch(
    [question, attempt],
    ([asked], _, onCleanup) => {
      if (asked === null) return;
      const abort = new AbortController();
      onCleanup(() => abort.abort());
      void answer(asked as Q, abort.signal);
    },
    { immediate: true },
  );

  function reload(): void {
    for (const ask of new Set([again, ...unanswered])) ask();
  }

  return { value, problem, loading, reload };
}

/** The plan on the workbench: what it is, what is selected, and what is asked of the service. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";

import {
  ApiProblem,
  type Board,
  type BoardZone,
  copyPlan,
  type EditOrder,
  editPlan,
  type EditReport,
  openBoard,
  type PastEdit,
  type PlanFigures,
  takeBack,
} from "../api";

/** Something asked of a plan that somebody else had changed meanwhile. */
export interface LostRace {
  since: PastEdit[];
  /** Do it over what the plan is now. */
  again: () => Promise<void>;
  /** Do it in a draft of one's own, a copy of what the plan was. */
  fork: () => Promise<void>;
}

type Change = { document: EditReport; etag: string | null };

const LOST = 412;

export const useWorkbench = defineStore("workbench", () => {
  const board = shallowRef<Board | null>(null);
  const zones = shallowRef<ReadonlyMap<string, BoardZone>>(new Map());
  /** By building, in the board's order, the code of its zone. */
  const zoneOf = shallowRef<readonly (string | null)[]>([]);
  const figures = shallowRef<PlanFigures | null>(null);
  /** Metres that the last edit added to all ways together. */
  const gainedM = ref<number | null>(null);
  const undo = ref<number | null>(null);
  const redo = ref<number | null>(null);
  const selected = shallowRef<ReadonlySet<number>>(new Set());
  const chosenZone = ref<string | null>(null);
  const busy = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const race = shallowRef<LostRace | null>(null);
  let etag = "";
  let revision = 0;

  const editable = computed(() => board.value?.state === "draft");
  const placeOf = computed(() => new Map((board.value?.buildings.code ?? []).map((code, place) => [code, place])));
  const selectedHouseholds = computed(() =>
    [...selected.value].reduce((sum, place) => sum + (board.value?.buildings.households[place] ?? 0), 0),
  );
  const unassigned = computed(() => zoneOf.value.flatMap((zone, place) => (zone === null ? [place] : [])));

  async function attempt(work: () => Promise<void>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await work();
    } catch (failure) {
      if (!(failure instanceof ApiProblem)) throw failure;
      problem.value = failure;
    } finally {
      busy.value = false;
    }
  }

  function open(plan: number): Promise<void> {
    return attempt(async () => {
      const answer = await openBoard(plan);
      const opened = answer.document;
      etag = answer.etag ?? "";
      revision = opened.revision;
      board.value = opened;
      zones.value = new Map(opened.zones.map((zone) => [zone.code, zone]));
      zoneOf.value = opened.buildings.zone.map((place) => opened.zones[place]?.code ?? null);
      figures.value = opened.plan;
      undo.value = opened.undo;
      redo.value = opened.redo;
      gainedM.value = null;
      race.value = null;
      selected.value = new Set();
      if (chosenZone.value !== null && !zones.value.has(chosenZone.value)) chosenZone.value = null;
    });
  }

  function take({ document, etag: renewed }: Change): void {
    etag = renewed ?? etag;
    revision = document.revision;
    const changed = new Map(zones.value);
    for (const code of document.deleted) changed.delete(code);
    for (const zone of document.zones) changed.set(zone.code, zone);
    zones.value = new Map([...changed].sort(([one], [other]) => (one < other ? -1 : 1)));
    const moved = [...zoneOf.value];
    for (const { zone, buildings } of document.moves) {
      for (const code of buildings) {
        const place = placeOf.value.get(code);
        if (place !== undefined) moved[place] = zone;
      }
    }
    zoneOf.value = moved;
    figures.value = document.plan;
    gainedM.value = (document.plan.distance_m ?? 0) - document.plan.distance_before_m;
    undo.value = document.undo;
    redo.value = document.redo;
    if (chosenZone.value !== null && !changed.has(chosenZone.value)) chosenZone.value = null;
  }

  /** Ask for a change over the revision that is shown; a lost race is told apart from other failures. */
  function change(ask: (plan: number, etag: string) => Promise<Change>): Promise<void> {
    const plan = board.value?.plan_id;
    if (plan === undefined) return Promise.resolve();
    const seen = revision;
    const changeIn = async (opened: number): Promise<void> => {
      await open(opened);
      await change(ask);
    };
    return attempt(async () => {
      try {
        take(await ask(plan, etag));
        selected.value = new Set();
      } catch (failure) {
        if (!(failure instanceof ApiProblem) || failure.problem.status !== LOST) throw failure;
        race.value = {
          since: (failure.problem.details ?? []) as PastEdit[],
          again: () => changeIn(plan),
          fork: async () => {
            const made = await copy(seen);
            if (made !== null) await changeIn(made);
          },
        };
      }
    });
  }

  function edit(order: EditOrder): Promise<void> {
    return change((plan, seen) => editPlan(plan, order, seen));
  }

  function step(what: "undo" | "redo"): Promise<void> {
    if (what === "undo" ? undo.value === null : redo.value === null) return Promise.resolve();
    return change((plan, seen) => takeBack(plan, what, seen));
  }

  /** A draft of one's own, as the plan is or was at a revision; its number. */
  async function copy(at?: number): Promise<number | null> {
    let made: number | null = null;
    const plan = board.value?.plan_id;
    if (plan !== undefined) {
      await attempt(async () => {
        made = (await copyPlan(plan, at)).document.plan_id;
      });
    }
    return made;
  }

  /** The revision that is shown, as a change of it has to say. */
  const seen = (): string => etag;

  function codesOf(places: Iterable<number>): string[] {
    return [...places].map((place) => board.value?.buildings.code[place] ?? "");
  }

  /** Select buildings, alone or besides those selected; a single one a second time is left out again. */
  function select(places: readonly number[], besides: boolean): void {
    const chosen = new Set(besides ? selected.value : []);
    const [only] = places;
    if (besides && places.length === 1 && only !== undefined && chosen.has(only)) chosen.delete(only);
    else for (const place of places) chosen.add(place);
    selected.value = chosen;
  }

  function choose(zone: string | null): void {
    chosenZone.value = zone;
  }

  return {
    board, zones, zoneOf, figures, gainedM, undo, redo, selected, selectedHouseholds, unassigned, chosenZone, busy,
    problem, race, editable, open, edit, step, copy, seen, take, codesOf, select, choose,
  };
});

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
  openCommunity,
  type PastEdit,
  type PlanChanges,
  type PlanFigures,
  readChanges,
  readHistory,
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

/** What a plan is shown by after a change, whoever made it. */
type Shift = Pick<EditReport, "revision" | "zones" | "deleted" | "moves" | "plan" | "undo" | "redo">;
type Change = { document: Shift; etag: string | null };
/** Done before a change is shown. */
export type Preparation = (change: Shift) => Promise<void>;

const LOST = 412;
/** The service says what, or the page does where it got no answer that it understands. */
const NO_ANSWER = new Set<string | undefined>(["client.unreachable", "client.unreadable"]);
/** Edits of zones are not all that has happened, or it is too much to be told. */
const OPEN_ANEW = 409;

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
  /** What buildings are called, as far as their communities were entered. */
  const names = shallowRef<ReadonlyMap<string, string>>(new Map());
  const entered = new Set<string>();
  const busy = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const race = shallowRef<LostRace | null>(null);
  /** An order went out and no answer came in: it may have been carried out, or not. */
  const unanswered = ref(false);
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  /** The order that is under way; the same again is a double click. */
  let underWay = "";
  let etag = "";
  const revision = ref(0);
  let ready: Preparation = async () => {};

  const editable = computed(() => board.value?.state === "draft");
  const placeOf = computed(() => new Map((board.value?.buildings.code ?? []).map((code, place) => [code, place])));
  const selectedHouseholds = computed(() => householdsOf([...selected.value]));
  const unassigned = computed(() => zoneOf.value.flatMap((zone, place) => (zone === null ? [place] : [])));

  /** One after the other, in the order they were asked for: a quick hand loses nothing. */
  function attempt(work: () => Promise<void>): Promise<void> {
    waiting += 1;
    busy.value = true;
    return inTurn(async () => {
      problem.value = null;
      try {
        await work();
      } catch (failure) {
        if (!(failure instanceof ApiProblem)) throw failure;
        problem.value = failure;
      } finally {
        waiting -= 1;
        busy.value = waiting > 0;
      }
    });
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  async function load(plan: number): Promise<void> {
    const answer = await openBoard(plan);
    const opened = answer.document;
    etag = answer.etag ?? "";
    revision.value = opened.revision;
    board.value = opened;
    zones.value = new Map(opened.zones.map((zone) => [zone.code, zone]));
    zoneOf.value = opened.buildings.zone.map((place) => opened.zones[place]?.code ?? null);
    figures.value = opened.plan;
    undo.value = opened.undo;
    redo.value = opened.redo;
    gainedM.value = null;
    selected.value = new Set();
    if (chosenZone.value !== null && !zones.value.has(chosenZone.value)) chosenZone.value = null;
    entered.clear();
    enter();
  }

  const open = (plan: number): Promise<void> => attempt(() => load(plan));

  function take({ document, etag: renewed }: Change): void {
    etag = renewed ?? etag;
    revision.value = document.revision;
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

  function prepareBy(preparation: Preparation): void {
    ready = preparation;
  }

  /** Ask for a change over the revision that is shown; a lost race is told apart from other failures. */
  function change(
    ask: (plan: number, etag: string) => Promise<Change>,
    { when = (): boolean => true } = {},
  ): Promise<void> {
    return attempt(async () => {
      const plan = board.value?.plan_id;
      if (plan === undefined || !when()) return;
      const seen = revision.value;
      const changeIn = async (opened: number): Promise<void> => {
        await open(opened);
        await change(ask);
      };
      try {
        const made = await ask(plan, etag);
        await ready(made.document);
        take(made);
        selected.value = new Set();
      } catch (failure) {
        if (!(failure instanceof ApiProblem)) throw failure;
        if (NO_ANSWER.has(failure.problem.key)) unanswered.value = true;
        else if (failure.problem.status !== LOST) throw failure;
        else race.value = {
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

  /**
   * Show what others have done since, unless revision `known` is shown already (null then): the edits, newest first.
   * What is selected stays selected.
   */
  async function catchUp(known = Infinity): Promise<PastEdit[] | null> {
    let since: PastEdit[] | null = null;
    let stale: number | null = null;
    await inTurn(async () => {
      const plan = board.value?.plan_id;
      if (plan === undefined || known <= revision.value) return;
      since = [];
      try {
        const { document, etag: renewed } = await readChanges(plan, revision.value);
        since = document.edits;
        if (document.revision > revision.value) overtake(document, renewed);
      } catch (failure) {
        if (!(failure instanceof ApiProblem) || failure.problem.status !== OPEN_ANEW) throw failure;
        stale = plan;
      }
      if (NO_ANSWER.has(problem.value?.problem.key)) problem.value = null;
    });
    return stale === null ? since : renew(stale);
  }

  /** Open the plan anew, where more has happened than can be told zone by zone. */
  async function renew(plan: number): Promise<PastEdit[]> {
    const before = revision.value;
    const kept = codesOf(selected.value);
    await open(plan);
    selected.value = new Set(kept.flatMap((code) => placeOf.value.get(code) ?? []));
    return (await readHistory(plan)).edits.filter((edit) => edit.revision > before);
  }

  function overtake(document: PlanChanges, renewed: string | null): void {
    const touched = new Set<string | null>(document.touched);
    const left = zoneOf.value.flatMap((zone, place) => (touched.has(zone) ? [place] : []));
    const moves = [{ zone: null, buildings: codesOf(left) }, ...document.moves];
    take({ document: { ...document, moves, plan: { ...document.plan, distance_before_m: 0 } }, etag: renewed });
    gainedM.value = null;
  }

  /** Take over what is done to the zones elsewhere, in its turn: the news of it is no news then. Failures are the caller's. */
  function adopt(ask: (etag: string) => Promise<Change>): Promise<void> {
    return inTurn(async () => take(await ask(etag)));
  }

  /** Ask for something else than an edit of zones; the plan is opened anew after it. */
  async function act<T>(ask: (plan: number, etag: string) => Promise<{ document: T }>): Promise<T | null> {
    let told: T | null = null;
    await attempt(async () => {
      const plan = board.value?.plan_id;
      if (plan === undefined) return;
      try {
        told = (await ask(plan, etag)).document;
      } catch (failure) {
        if (!(failure instanceof ApiProblem)) throw failure;
        if (NO_ANSWER.has(failure.problem.key)) {
          unanswered.value = true;
          return;
        }
        // What it was to be done to is no longer what the planner saw: the plan is shown as it is now.
        if (failure.problem.status === LOST) await load(plan);
        throw failure;
      }
      await load(plan); // in the same turn: what the service tells of it meanwhile is known then
    });
    return told;
  }

  async function edit(order: EditOrder): Promise<void> {
    const said = JSON.stringify(order);
    if (busy.value && said === underWay) return;
    underWay = said;
    await change((plan, seen) => editPlan(plan, order, seen));
    underWay = "";
  }

  function step(what: "undo" | "redo"): Promise<void> {
    const left = what === "undo" ? undo : redo;
    return change((plan, seen) => takeBack(plan, what, seen), { when: () => left.value !== null });
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

  function householdsOf(places: readonly number[]): number {
    return places.reduce((sum, place) => sum + (board.value?.buildings.households[place] ?? 0), 0);
  }

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
    enter();
  }

  /** Learn what the buildings of the chosen zone's community are called; its first edit is quick then, too. */
  function enter(): void {
    const plan = board.value?.plan_id;
    const community = zones.value.get(chosenZone.value ?? "")?.community_code;
    if (plan === undefined || community === undefined || entered.has(community)) return;
    entered.add(community);
    openCommunity(plan, community).then(
      (opened) => {
        names.value = new Map([...names.value, ...Object.entries(opened.names)]);
      },
      // Without names the list shows codes; choosing the zone again asks again.
      () => entered.delete(community),
    );
  }

  return {
    board, revision, zones, zoneOf, figures, gainedM, undo, redo, selected, selectedHouseholds, unassigned, chosenZone,
    names, busy, problem, race, unanswered, editable, open, catchUp, edit, act, step, copy, seen, adopt, householdsOf,
    codesOf, select, choose, prepareBy,
  };
});

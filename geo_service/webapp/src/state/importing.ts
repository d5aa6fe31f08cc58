/** One file on its way in: what it holds, how it is to be read, and how far its import is. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";

import {
  ApiProblem,
  type Datum,
  followImport,
  type ImportState,
  lookInto,
  type SeenFile,
  type SeenKind,
  sendFile,
  startImport,
  stopImport,
} from "../api";
import { readAddress, writeAddress } from "./address";
import { recallMapping, rememberMapping } from "./rememberedMappings";

export const ALL_STEPS = ["file", "kind", "columns", "places", "check", "import"] as const;
export type ImportStep = (typeof ALL_STEPS)[number];

interface Settings {
  layer: string | null;
  kind: string;
  assigned: Record<string, string>;
  crs: string | null;
  datum: Datum | null;
}

const SETTINGS_KEY = "geo-service.import-settings";
const POLL_MS = 300;

function isStep(text: string | null): text is ImportStep {
  return ALL_STEPS.includes(text as ImportStep);
}

export const useImporting = defineStore("importing", () => {
  const step = ref<ImportStep>("file");
  const file = shallowRef<SeenFile | null>(null);
  const layer = ref<string | null>(null);
  const kindName = ref("");
  const assigned = ref<Record<string, string>>({});
  const crs = ref<string | null>(null);
  const datum = ref<Datum | null>(null);
  const recalled = ref(false);
  const sending = ref<{ done: number; all: number } | null>(null);
  const reading = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const job = shallowRef<ImportState | null>(null);
  /** The report of a dry run of exactly these settings. */
  const tried = shallowRef<ImportState["report"]>(null);
  const imported = shallowRef<ImportState["report"]>(null);
  let abort = new AbortController();

  const kind = computed<SeenKind | null>(() => file.value?.kinds.find((each) => each.name === kindName.value) ?? null);
  const lacking = computed(() =>
    (kind.value?.fields ?? []).filter(
      (field) =>
        field.required &&
        !assigned.value[field.name] &&
        (field.column !== null || kind.value?.lacking.includes(field.name)),
    ),
  );
  const running = computed(() => job.value?.state === "running");
  const steps = computed<ImportStep[]>(() =>
    ALL_STEPS.filter((each) => each !== "places" || (file.value?.has_places ?? true)),
  );

  function mayEnter(wanted: ImportStep): boolean {
    if (running.value) return wanted === step.value;
    if (wanted === "file") return true;
    if (!file.value) return false;
    if (wanted === "kind") return true;
    if (!kind.value) return false;
    if (wanted === "columns") return true;
    if (lacking.value.length > 0) return false;
    // Nobody imports places that he has not looked at.
    if (wanted !== "places" && file.value.has_places && datum.value === null) return false;
    if (wanted !== "import") return true;
    return imported.value !== null || (tried.value !== null && tried.value.rejected < tried.value.rows);
  }

  function enter(wanted: ImportStep): void {
    if (!mayEnter(wanted)) return;
    step.value = wanted;
    problem.value = null;
    keep();
  }

  function move(by: 1 | -1): void {
    const next = steps.value[steps.value.indexOf(step.value) + by];
    if (next) enter(next);
  }

  function keep(): void {
    if (!file.value) return;
    const settings: Settings = {
      layer: layer.value,
      kind: kindName.value,
      assigned: assigned.value,
      crs: crs.value,
      datum: datum.value,
    };
    sessionStorage.setItem(SETTINGS_KEY, JSON.stringify({ [file.value.id]: settings }));
    writeAddress({ upload: file.value.id, step: step.value });
  }

  /** What was tried holds no more: something else would be imported now. */
  function changed(): void {
    tried.value = null;
    imported.value = null;
    job.value = null;
    keep();
  }

  function guess(): void {
    const fields = kind.value?.fields ?? [];
    assigned.value = Object.fromEntries(
      fields.flatMap((field) => (field.column === null ? [] : [[field.name, field.column]])),
    );
  }

  function chooseKind(name: string): void {
    kindName.value = name;
    recalled.value = false;
    guess();
    changed();
  }

  function recall(): void {
    const columns = file.value?.columns.map((column) => column.name) ?? [];
    const remembered = recallMapping(columns);
    const fitting = file.value?.kinds.find((each) => each.name === remembered?.kind);
    if (!remembered || !fitting) return;
    chooseKind(remembered.kind);
    assigned.value = remembered.assigned;
    recalled.value = true;
  }

  /** Read `column` as `field`, or as nothing. */
  function assign(column: string, field: string): void {
    const others = Object.entries(assigned.value).filter(([name, source]) => source !== column && name !== field);
    assigned.value = Object.fromEntries(field === "" ? others : [...others, [field, column]]);
    changed();
  }

  /** Give `field` the same value in every row. */
  function fix(field: string, value: string): void {
    const others = Object.entries(assigned.value).filter(([name]) => name !== field);
    assigned.value = Object.fromEntries(value === "" ? others : [...others, [field, `=${value}`]]);
    changed();
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    problem.value = null;
    try {
      await work();
    } catch (failure) {
      if (abort.signal.aborted) return;
      if (!(failure instanceof ApiProblem)) throw failure;
      problem.value = failure;
    }
  }

  async function look(id: string): Promise<void> {
    reading.value = true;
    try {
      file.value = await lookInto(id, layer.value);
    } finally {
      reading.value = false;
    }
  }

  function take(chosen: File): Promise<void> {
    abort.abort();
    abort = new AbortController();
    file.value = layer.value = crs.value = datum.value = job.value = tried.value = imported.value = null;
    sending.value = { done: 0, all: chosen.size };
    return attempt(async () => {
      try {
        const { id } = await sendFile(chosen, (done, all) => (sending.value = { done, all }), abort.signal);
        sending.value = null;
        await look(id);
      } finally {
        sending.value = null;
      }
      chooseKind(file.value?.kinds[0]?.name ?? "");
      recall();
      enter("kind");
    });
  }

  function stopSending(): void {
    abort.abort();
    sending.value = null;
  }

  function chooseLayer(name: string | null): Promise<void> {
    layer.value = name;
    return attempt(async () => {
      if (!file.value) return;
      const layers = file.value.layers;
      await look(file.value.id);
      if (file.value) file.value = { ...file.value, layers };
      chooseKind(file.value?.kinds[0]?.name ?? "");
      recall();
    });
  }

  async function follow(): Promise<void> {
    while (file.value && job.value?.state === "running") {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      job.value = await followImport(file.value.id);
    }
    if (job.value?.problem) problem.value = new ApiProblem(job.value.problem);
    if (job.value?.report) (job.value.dry_run ? tried : imported).value = job.value.report;
  }

  function start(dry: boolean, strict = false): Promise<void> {
    return attempt(async () => {
      if (!file.value || !kind.value) return;
      const mapping: Record<string, string> = {};
      for (const { name, column } of kind.value.fields) {
        const source = assigned.value[name] ?? "";
        if (source !== (column ?? "")) mapping[name] = source;
      }
      rememberMapping(
        file.value.columns.map((column) => column.name),
        { kind: kindName.value, assigned: assigned.value },
      );
      const order = { kind: kind.value.name, layer: layer.value, mapping, crs: crs.value, dry_run: dry, strict };
      if (dry) tried.value = null;
      job.value = await startImport(file.value.id, { ...order, datum: datum.value ?? "cgcs2000" });
      await follow();
    });
  }

  function stop(): Promise<void> {
    return attempt(async () => {
      if (file.value) await stopImport(file.value.id);
    });
  }

  /** Take up where the address says that the reader was. */
  function resume(): Promise<void> {
    const { upload, step: wanted } = readAddress();
    if (upload === null) return Promise.resolve();
    return attempt(async () => {
      const stored = JSON.parse(sessionStorage.getItem(SETTINGS_KEY) ?? "{}") as Record<string, Settings>;
      const settings = stored[upload];
      layer.value = settings?.layer ?? null;
      await look(upload);
      chooseKind(settings?.kind ?? file.value?.kinds[0]?.name ?? "");
      if (settings) {
        assigned.value = settings.assigned;
        crs.value = settings.crs;
        datum.value = settings.datum;
      } else recall();
      if (file.value) job.value = await followImport(file.value.id);
      const busy = job.value?.state === "running";
      const atWork = job.value?.dry_run ? "check" : "import";
      if (job.value?.report) (job.value.dry_run ? tried : imported).value = job.value.report;
      step.value = busy ? atWork : isStep(wanted) && mayEnter(wanted) ? wanted : "kind";
      keep();
      if (busy) await follow();
    });
  }

  function restart(): void {
    file.value = job.value = tried.value = imported.value = problem.value = null;
    step.value = "file";
    writeAddress({ upload: null, step: null });
  }

  return {
    step, steps, file, layer, kindName, kind, assigned, crs, datum, recalled, sending, reading, problem, job, tried,
    imported, lacking, running, mayEnter, enter, move, chooseKind, assign, fix, changed, take, stopSending, chooseLayer,
    start, stop, resume, restart,
  };
});

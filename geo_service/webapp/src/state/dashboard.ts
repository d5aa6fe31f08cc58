import { defineStore } from "pinia";
import { computed } from "vue";

import {
  classifyUnits,
  type ClassifiedUnit,
  type Figure,
  type Figures,
  followMilestones,
  listOutlines,
  listUnits,
  measureCoverage,
  type UnitProperties,
} from "../api";
import { useAreas } from "./areas";
import { useChoice } from "./choice";
import { monthEndBefore } from "./dates";
import { useRemote } from "./remote";
import { useView } from "./view";

/** A compound or standalone building of the chosen community, with what the plan recommends for it. */
export interface Unit extends UnitProperties {
  layer: "compounds" | "standalone_buildings";
  geometry: GeoJSON.Geometry | null;
  advice: ClassifiedUnit | null;
}

async function readUnits({ area, on }: { area: string; on: string }, signal: AbortSignal): Promise<Unit[]> {
  const [compounds, buildings, classified] = await Promise.all([
    listUnits("compounds", area, on, signal),
    listUnits("standalone_buildings", area, on, signal),
    classifyUnits(area, on, signal),
  ]);
  const advice = new Map(classified.units.map((unit) => [unit.code, unit]));
  return ([["compounds", compounds], ["standalone_buildings", buildings]] as const).flatMap(([layer, items]) =>
    items.features.map(({ properties, geometry }) => ({
      ...properties,
      layer,
      geometry,
      advice: advice.get(properties.code) ?? null,
    })),
  );
}

/** The figures of the dashboard: a few questions that follow what the reader looks at. */
export const useDashboard = defineStore("dashboard", () => {
  const areas = useAreas();
  const choice = useChoice();
  const view = useView();

  const showsUnits = computed(() => view.level === "unit");
  const dayBefore = computed(() => monthEndBefore(choice.on));
  const place = computed(() => (choice.area ? { area: choice.area.code, on: choice.on } : null));

  const coverage = useRemote(() => view.asked, measureCoverage);
  /** The same at the end of the month before. */
  const before = useRemote(() => view.asked && { ...view.asked, on: dayBefore.value }, measureCoverage);
  const milestones = useRemote(
    () => view.asked && { ...view.asked, target: view.target ?? undefined },
    followMilestones,
  );
  const outlines = useRemote(
    () => place.value && { ...place.value, layer: view.level === "subdistrict" ? ("subdistricts" as const) : ("communities" as const) },
    ({ layer, area, on }, signal) => listOutlines(layer, area, on, signal),
  );
  const units = useRemote(() => (showsUnits.value ? place.value : null), readUnits);

  /** Of everything asked for, how much has been answered. */
  const progress = computed(() => {
    const parts = [coverage, before, milestones, outlines, ...(showsUnits.value ? [units] : [])];
    const waits = !areas.answered && !areas.problem;
    const open = waits ? parts.length + 1 : parts.filter((part) => part.loading.value).length;
    return { done: parts.length + 1 - open, all: parts.length + 1 };
  });

  const measures = computed(() => coverage.value.value?.measures ?? []);
  /** The measure looked at; the first where the address names none that there is. */
  const measure = computed(() => measures.value.find(({ key }) => key === view.measure) ?? measures.value[0] ?? null);
  const unknownMeasure = computed(() => (measure.value && measure.value.key !== view.measure ? view.measure : null));

  function figureOf(figures: Figures | undefined): Figure | null {
    return figures?.[measure.value?.key ?? ""] ?? null;
  }

  const total = computed(() => figureOf(coverage.value.value?.total));
  const totalBefore = computed(() => figureOf(before.value.value?.total));
  /** The measure's figure of each part of the area, by its code. */
  const figures = computed(
    () => new Map((coverage.value.value?.rows ?? []).map((row) => [row.code, figureOf(row.figures)])),
  );
  /** Those of the chosen community, not of one looked at before; none at the other levels. */
  const shownUnits = computed(() =>
    showsUnits.value ? (units.value.value ?? []).filter((unit) => unit.community_code === choice.area?.code) : [],
  );

  return {
    coverage,
    before,
    milestones,
    outlines,
    units,
    dayBefore,
    progress,
    measure,
    unknownMeasure,
    total,
    totalBefore,
    figures,
    shownUnits,
  };
});

import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import type { CatalogueLayer, LegendEntry, Titled } from "../api";
import { onReturn, readAddress, writeAddress } from "./address";
import { useCatalogue } from "./catalogue";

export interface LayerGroup {
  key: string;
  /** Null for what stands under no heading. */
  title: CatalogueLayer["title"] | null;
  layers: CatalogueLayer[];
}

interface Choice {
  key: string;
  title: CatalogueLayer["title"];
}

function titled(choices: readonly Choice[]): Titled[] {
  return choices.map(({ key, title }) => ({ key, title_zh: title.zh, title_en: title.en }));
}

/** Which layers the map shows, what it colours those of coverage by, and whose milestones it shows. */
export const useShownLayers = defineStore("shownLayers", () => {
  const catalogue = useCatalogue();
  const chosen = ref<ReadonlyMap<string, boolean>>(new Map());
  const askedMeasure = ref(readAddress().measure);
  const askedTarget = ref(readAddress().target);

  /** What can be drawn: a table cannot. */
  const drawn = computed(() => catalogue.layers.filter((layer) => layer.geometry !== "none"));

  /** Under the service's headings, in their order; what is drawn on top is listed on top. */
  const groups = computed<LayerGroup[]>(() => {
    const found = new Map<string, LayerGroup>();
    const place = (layer: CatalogueLayer): number => layer.group?.place ?? Infinity;
    for (const layer of [...drawn.value].reverse().sort((one, other) => place(one) - place(other))) {
      const key = layer.group?.key ?? "";
      if (!found.has(key)) found.set(key, { key, title: layer.group?.title ?? null, layers: [] });
      found.get(key)?.layers.push(layer);
    }
    return [...found.values()];
  });

  /** The measure asked for, if any layer can be coloured by it; null for each layer's usual one. */
  const measure = computed(
    () => drawn.value.flatMap((layer) => layer.measures).find(({ key }) => key === askedMeasure.value)?.key ?? null,
  );

  /** The target asked for, if any layer knows it; null for the usual one. */
  const target = computed(
    () => drawn.value.flatMap((layer) => layer.targets).find(({ key }) => key === askedTarget.value)?.key ?? null,
  );

  function isShown(name: string): boolean {
    return chosen.value.get(name) ?? catalogue.byName.get(name)?.on_by_default ?? true;
  }

  /** The shown layers that have a legend: those switched on last come first, the others as they are listed. */
  const explained = computed(() => {
    const latest = [...chosen.value.keys()].reverse().flatMap((name) => catalogue.byName.get(name) ?? []);
    const listed = new Set([...latest, ...groups.value.flatMap((group) => group.layers)]);
    return [...listed].filter((layer) => isShown(layer.name) && layer.legend.length > 0);
  });

  /** Show or hide a layer; another one that colours the same ground would mix with it, and gives way. */
  function show(layer: CatalogueLayer, visible: boolean): void {
    const next = new Map(chosen.value);
    if (visible) {
      for (const other of drawn.value) if (other.covers === layer.covers) next.set(other.name, false);
    }
    next.delete(layer.name);
    next.set(layer.name, visible);
    chosen.value = next;
  }

  function chooseMeasure(key: string): void {
    askedMeasure.value = key;
  }

  function measureOf(layer: CatalogueLayer): string {
    return layer.measures.find(({ key }) => key === measure.value)?.key ?? layer.measure;
  }

  function measuresOf(layer: CatalogueLayer): Titled[] {
    return titled(layer.measures);
  }

  function chooseTarget(key: string): void {
    askedTarget.value = key;
  }

  function targetOf(layer: CatalogueLayer): string {
    return (layer.targets.find(({ key }) => key === target.value) ?? layer.targets[0])?.key ?? "";
  }

  function targetsOf(layer: CatalogueLayer): Titled[] {
    return titled(layer.targets);
  }

  function legendOf(layer: CatalogueLayer): LegendEntry[] {
    return layer.measures.find(({ key }) => key === measureOf(layer))?.legend ?? layer.legend;
  }

  onReturn(() => {
    askedMeasure.value = readAddress().measure;
    askedTarget.value = readAddress().target;
  });
  watch(askedMeasure, () => writeAddress({ measure: askedMeasure.value }));
  watch(askedTarget, () => writeAddress({ target: askedTarget.value }));

  return {
    chosen,
    groups,
    measure,
    target,
    explained,
    isShown,
    show,
    chooseMeasure,
    measureOf,
    measuresOf,
    chooseTarget,
    targetOf,
    targetsOf,
    legendOf,
  };
});

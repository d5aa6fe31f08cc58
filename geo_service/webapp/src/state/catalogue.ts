import { defineStore } from "pinia";
import { computed } from "vue";

import { type CatalogueLayer, listLayers } from "../api";
import { useRemote } from "./remote";

/** What each published layer is called, what its fields mean and how its legend reads. */
export const useCatalogue = defineStore("catalogue", () => {
  const { value, problem, loading, reload } = useRemote(() => true, (_, signal) => listLayers(signal));
  const layers = computed<CatalogueLayer[]>(() => value.value ?? []);
  const byName = computed(() => new Map(layers.value.map((layer) => [layer.name, layer])));
  return { layers, byName, problem, loading, reload };
});

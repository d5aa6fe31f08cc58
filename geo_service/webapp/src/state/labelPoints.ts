import { computed, type ComputedRef } from "vue";

import { listLabelPoints } from "../api";
import { useChoice } from "./choice";
import { useRemote } from "./remote";

type Point = [longitude: number, latitude: number];

/** Where a label layer writes in the chosen area on the chosen date, by code; empty until, or unless, known. */
export function useLabelPoints(layer: string): ComputedRef<ReadonlyMap<string, Point>> {
  const choice = useChoice();
  const { value } = useRemote(
    () => (choice.area ? { area: choice.area.code, on: choice.on } : null),
    ({ area, on }, signal) => listLabelPoints(layer, area, on, signal),
  );
  return computed(
    () =>
      new Map(
        (value.value?.features ?? []).map(({ properties, geometry }) => [
          properties.code,
          geometry.coordinates.slice(0, 2) as Point,
        ]),
      ),
  );
}

import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import { useAreas } from "./areas";
import { keepAddress, onReturn, readAddress, writeAddress } from "./address";
import { isDate, today } from "./dates";

/** What the reader has chosen to look at. */
export const useChoice = defineStore("choice", () => {
  const areas = useAreas();
  const address = readAddress();

  const askedArea = ref(address.area);
  const askedDate = ref(isDate(address.on) ? address.on : null);
  const zoneCode = ref(address.zone);

  /** The area asked for, or the top of the reader's scope; null until the areas are known. */
  const area = computed(() => areas.byCode.get(askedArea.value ?? "") ?? areas.roots[0] ?? null);
  const on = computed(() => askedDate.value ?? today());
  const isToday = computed(() => askedDate.value === null);
  const unknownArea = computed(() =>
    areas.answered && askedArea.value !== null && !areas.byCode.has(askedArea.value) ? askedArea.value : null,
  );

  function chooseArea(code: string | null): void {
    askedArea.value = code;
    zoneCode.value = null;
  }

  /** Choose an area as a step that the browser's own Back takes back. */
  function enterArea(code: string): void {
    keepAddress();
    chooseArea(code);
  }

  function chooseDate(date: string | null): void {
    askedDate.value = date;
  }

  function chooseZone(code: string | null): void {
    zoneCode.value = code;
  }

  onReturn(() => {
    const returned = readAddress();
    askedArea.value = returned.area;
    askedDate.value = isDate(returned.on) ? returned.on : null;
    zoneCode.value = returned.zone;
  });

  watch([askedArea, askedDate, zoneCode], () =>
    writeAddress({ area: askedArea.value, on: askedDate.value, zone: zoneCode.value }),
  );

  return { area, on, isToday, zoneCode, unknownArea, chooseArea, enterArea, chooseDate, chooseZone };
});

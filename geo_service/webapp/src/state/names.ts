import { computed, type ComputedRef } from "vue";

import { useSpeech } from "../language";
import { useAreas } from "./areas";
import { useChoice } from "./choice";

/** What an area is called in the language of the page; `given` is for one that the area tree does not hold. */
export function useAreaNames(): (code: string, given?: string) => string {
  const { language } = useSpeech();
  const areas = useAreas();

  return (code, given = code) => {
    const area = areas.byCode.get(code);
    return (language.value === "en" ? area?.name_en : null) ?? area?.name ?? given;
  };
}

/** What the chosen area is called; empty until there is one. */
export function useChosenAreaName(): ComputedRef<string> {
  const choice = useChoice();
  const nameOf = useAreaNames();

  return computed(() => (choice.area ? nameOf(choice.area.code) : ""));
}

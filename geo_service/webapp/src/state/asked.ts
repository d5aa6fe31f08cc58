import type { Asked } from "../api";
import { useAreas } from "./areas";
import { useChoice } from "./choice";

/** What figures are asked about: the chosen area and date, by sub-district where it has several, else by community. */
export function useAsked(): () => Asked | null {
  const areas = useAreas();
  const choice = useChoice();

  return () => {
    if (!choice.area) return null;
    const subdistricts = areas.within(choice.area.code, "subdistrict");
    const by = subdistricts.length > 1 ? "subdistrict" : "community";
    return { area: choice.area.code, by, on: choice.on };
  };
}

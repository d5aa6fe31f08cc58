import { useSpeech } from "../language";

/** What is counted, in the language of the page; the service's own word where the page knows none. */
export function useUnitWords(): (unit: string) => string {
  const { t, has } = useSpeech();
  return (unit) => {
    const key = `dashboard.units.${unit.replaceAll(" ", "_")}`;
    return has(key) ? t(key) : unit;
  };
}

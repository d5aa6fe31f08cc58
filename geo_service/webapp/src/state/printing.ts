/** Paper: what must not be laid out anew for it. */
import { onBeforeUnmount, onMounted } from "vue";

/** As wide as the text of a sheet, in CSS pixels: 277 mm of A4 landscape. */
const SHEET_WIDTH_PX = 1040;
const SHEET_HEIGHT_PX = 640;

/**
 * Let an element keep its screen size on paper, made smaller as a whole where the sheet is: browsers print before a
 * map could draw itself at another size. Its print style reads the three properties.
 */
export function usePrintedAsShown(element: () => HTMLElement | null): void {
  function measure(): void {
    const shown = element();
    if (!shown) return;
    const { width, height } = shown.getBoundingClientRect();
    shown.style.setProperty("--shown-width", `${width}px`);
    shown.style.setProperty("--shown-height", `${height}px`);
    shown.style.setProperty("--print-zoom", String(Math.min(1, SHEET_WIDTH_PX / width, SHEET_HEIGHT_PX / height)));
  }
  onMounted(() => addEventListener("beforeprint", measure));
  onBeforeUnmount(() => removeEventListener("beforeprint", measure));
}

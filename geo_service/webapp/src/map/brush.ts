/** A round brush: every building that it passes over, told once the stroke is finished. */
import type { Map as MapLibreMap, PointLike } from "maplibre-gl";

export interface BrushStroke {
  /** Places of the buildings painted. */
  places: readonly number[];
  /** Taken out of the zone instead. */
  erases: boolean;
}

interface BrushOptions {
  /** Buildings within so many pixels of a point of the screen, by their places. */
  near(point: { x: number; y: number }, radiusPx: number): readonly number[];
  /** Called with what the stroke has passed over anew. */
  passed(places: readonly number[]): void;
  finished(stroke: BrushStroke): void;
}

export const BRUSH_RADII_PX = [8, 16, 28, 44, 64] as const;
const STEP_SHARE = 0.5;

export class Brush {
  private readonly cursor = document.createElement("div");
  private readonly area: HTMLElement;
  private painted: Set<number> | null = null;
  private last = { x: 0, y: 0 };
  private held = false;
  private radiusPx: number = BRUSH_RADII_PX[1];

  constructor(
    private readonly map: MapLibreMap,
    private readonly options: BrushOptions,
  ) {
    this.area = map.getCanvasContainer();
    this.cursor.className = "map-brush";
    this.cursor.hidden = true;
    map.getContainer().append(this.cursor);
    this.area.addEventListener("pointerdown", (event) => this.pressed(event));
    this.area.addEventListener("pointermove", (event) => this.moved(event));
    this.area.addEventListener("pointerup", (event) => this.released(event));
    this.area.addEventListener("pointercancel", () => this.dropped());
    this.area.addEventListener("pointerleave", () => (this.cursor.hidden = true));
  }

  hold(held: boolean): void {
    this.held = held;
    this.dropped();
    this.cursor.hidden = true;
    this.area.style.touchAction = held ? "none" : "";
    const { dragPan, touchZoomRotate } = this.map;
    if (held) dragPan.disable();
    else dragPan.enable();
    if (held) touchZoomRotate.disable();
    else touchZoomRotate.enable();
    touchZoomRotate.disableRotation();
  }

  setRadius(radiusPx: number): void {
    this.radiusPx = radiusPx;
    this.cursor.style.setProperty("--radius", `${radiusPx}px`);
  }

  /** One dab, as by a click there. */
  dab(point: { x: number; y: number }, erases: boolean): void {
    const places = this.options.near(point, this.radiusPx);
    if (places.length > 0) this.options.finished({ places, erases });
  }

  private pressed(event: PointerEvent): void {
    if (!this.held || event.button !== 0 || !event.isPrimary) return;
    this.area.setPointerCapture(event.pointerId);
    this.painted = new Set();
    this.last = this.pointOf(event);
    this.paint(this.last);
  }

  private moved(event: PointerEvent): void {
    if (!this.held) return;
    const point = this.pointOf(event);
    this.cursor.hidden = false;
    this.cursor.style.transform = `translate(${point.x}px, ${point.y}px)`;
    if (!this.painted) return;
    // A quick hand leaves gaps between two reports of the pointer.
    const [dx, dy] = [point.x - this.last.x, point.y - this.last.y];
    const steps = Math.max(1, Math.ceil(Math.hypot(dx, dy) / (this.radiusPx * STEP_SHARE)));
    for (let step = 1; step <= steps; step += 1) {
      this.paint({ x: this.last.x + (dx * step) / steps, y: this.last.y + (dy * step) / steps });
    }
    this.last = point;
  }

  private released(event: PointerEvent): void {
    const { painted } = this;
    this.painted = null;
    if (painted && painted.size > 0) this.options.finished({ places: [...painted], erases: event.altKey });
  }

  private dropped(): void {
    this.painted = null;
  }

  private paint(point: { x: number; y: number }): void {
    const fresh = this.options.near(point, this.radiusPx).filter((place) => !this.painted?.has(place));
    for (const place of fresh) this.painted?.add(place);
    if (fresh.length > 0) this.options.passed(fresh);
  }

  private pointOf(event: PointerEvent): { x: number; y: number } {
    const box = this.area.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

/** A box of so many pixels about a point, as MapLibre asks for features in it. */
export function boxAround({ x, y }: { x: number; y: number }, radiusPx: number): [PointLike, PointLike] {
  return [
    [x - radiusPx, y - radiusPx],
    [x + radiusPx, y + radiusPx],
  ];
}

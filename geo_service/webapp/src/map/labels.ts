/** Text on the map as HTML: drawn with the reader's own fonts, so that no glyphs are fetched from anywhere. */
import { type Map as MapLibreMap, Marker } from "maplibre-gl";

import { type Bounds, centreOf } from "./bounds";

export interface MapLabel {
  id: string;
  kind: "area" | "zone" | "building" | "figure";
  text: string;
  note?: string;
  /** Leaves the note out where it is wider on the screen than what the text names. */
  noteWithin?: boolean;
  /** What the text names. It is left out while that is smaller on the screen than `MIN_EXTENT_PX`. */
  bounds: Bounds;
  /** Where the text stands, longitude and latitude; the middle of `bounds` when missing. */
  at?: [number, number] | undefined;
  chosen?: boolean;
  /** Makes the label a button, named `title` to a screen reader, that is drawn whatever it covers. */
  onPick?: () => void;
  title?: string;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const MIN_EXTENT_PX = 26;
const LINE_HEIGHT_PX = 17;
const PADDING_PX = 5;
const FONT = "600 13px sans-serif";

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function elementOf(label: MapLabel): HTMLElement {
  const element = document.createElement(label.onPick ? "button" : "div");
  element.className = `map-label map-label-${label.kind}`;
  element.classList.toggle("is-chosen", label.chosen === true);
  element.append(label.text);
  if (label.note) {
    const note = document.createElement("small");
    note.textContent = label.note;
    element.append(note);
  }
  if (label.onPick) {
    const pick = label.onPick;
    element.setAttribute("aria-label", label.title ?? label.text);
    element.setAttribute("aria-pressed", String(label.chosen === true));
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      pick();
    });
  } else {
    element.setAttribute("aria-hidden", "true");
  }
  return element;
}

function anchorOf(label: MapLabel): [number, number] {
  return label.at ?? centreOf(label.bounds);
}

function contentOf(label: MapLabel): string {
  return JSON.stringify([label.text, label.note, label.kind, label.chosen === true, anchorOf(label)]);
}

/** Places labels first come, first served: an earlier label hides a later one that it would cover. */
export class LabelPlacement {
  private readonly pen = document.createElement("canvas").getContext("2d");
  private readonly drawn = new Map<string, { marker: Marker; content: string }>();
  private readonly widths = new Map<string, number>();
  private labels: readonly MapLabel[] = [];
  private size = { width: 0, height: 0 };

  constructor(private readonly map: MapLibreMap) {
    map.on("move", () => this.place());
    map.on("resize", () => this.place());
  }

  set(labels: readonly MapLabel[]): void {
    this.labels = labels;
    this.place();
  }

  private place(): void {
    // Asked once: the browser lays the page out anew for every question after a change.
    this.size = this.map.getContainer().getBoundingClientRect();
    const taken: Box[] = [];
    const shown = new Set<string>();
    for (const asked of this.labels) {
      const label = this.fitted(asked);
      const box = this.boxOf(label);
      if (!box || (!label.onPick && taken.some((other) => overlap(box, other)))) continue;
      taken.push(box);
      shown.add(label.id);
      this.draw(label);
    }
    for (const [id, { marker }] of this.drawn) {
      if (shown.has(id)) continue;
      marker.remove();
      this.drawn.delete(id);
    }
  }

  private draw(label: MapLabel): void {
    const content = contentOf(label);
    const before = this.drawn.get(label.id);
    if (before?.content === content) return;
    before?.marker.remove();
    const marker = new Marker({ element: elementOf(label) }).setLngLat(anchorOf(label)).addTo(this.map);
    this.drawn.set(label.id, { marker, content });
  }

  private boxOf(label: MapLabel): Box | null {
    const { x, y } = this.map.project(anchorOf(label));
    if (x < 0 || y < 0 || x > this.size.width || y > this.size.height) return null;
    const [west, south, east, north] = label.bounds;
    const lower = this.map.project([west, south]);
    const upper = this.map.project([east, north]);
    const extent = Math.max(upper.x - lower.x, lower.y - upper.y);
    if (!label.onPick && extent < MIN_EXTENT_PX) return null;
    const width = Math.max(this.widthOf(label.text), this.widthOf(label.note ?? "")) / 2 + PADDING_PX;
    const height = ((label.note ? 2 : 1) * LINE_HEIGHT_PX) / 2 + PADDING_PX;
    return { left: x - width, top: y - height, right: x + width, bottom: y + height };
  }

  private fitted({ note, ...label }: MapLabel): MapLabel {
    if (note === undefined) return label;
    const [west, south, east] = label.bounds;
    const width = this.map.project([east, south]).x - this.map.project([west, south]).x;
    return label.noteWithin && this.widthOf(note) > width ? label : { ...label, note };
  }

  private widthOf(text: string): number {
    if (!this.pen) return text.length * 13;
    const known = this.widths.get(text);
    if (known !== undefined) return known;
    this.pen.font = FONT;
    const { width } = this.pen.measureText(text);
    this.widths.set(text, width);
    return width;
  }
}

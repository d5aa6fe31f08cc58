/** Buildings as dots: a layer of our own, that draws one point for each where MapLibre's circles take four corners. */
import { type CustomLayerInterface, type CustomRenderMethodInput, type Map as MapLibreMap, MercatorCoordinate } from "maplibre-gl";

import { DotsDrawing } from "./dotsDrawing";

/** Where dots are and in what colour (`#rrggbb`), by the same places. */
export interface DotsPicture {
  points: { readonly lon: readonly number[]; readonly lat: readonly number[] };
  colours: readonly string[];
}

type Stops = readonly (readonly [zoom: number, px: number])[];

const RADIUS_PX: Stops = [[12, 1], [13, 2], [15, 5], [18, 10]];
const RING_PX: Stops = [[13, 0], [15, 1]];
const SELECTED_RING_PX: Stops = [[13, 2], [15, 3]];
const WHITE: readonly [number, number, number] = [1, 1, 1];
const INK: readonly [number, number, number] = [0x11 / 255, 0x18 / 255, 0x27 / 255];
/** Dots lie about a middle, in fractions of the world so small that 32 bits tell a centimetre in a city. */
const UNITS = 2 ** 25;
const WORLD_PX = 512;
const BYTES_A_COLOUR = 4;

export class Dots implements CustomLayerInterface {
  readonly type = "custom";
  private map: MapLibreMap | null = null;
  private drawing: DotsDrawing | null = null;
  private middle = { x: 0, y: 0 };
  private positions = new Float32Array();
  private colours = new Uint8Array();
  private readonly selected = new Set<number>();

  constructor(
    readonly id: string,
    picture: DotsPicture,
  ) {
    this.set(picture);
  }

  /** Other dots altogether, none of them selected. */
  set({ points, colours }: DotsPicture): void {
    const world = points.lon.map((lon, place) => MercatorCoordinate.fromLngLat([lon, points.lat[place] ?? 0]));
    this.middle = { x: world[0]?.x ?? 0, y: world[0]?.y ?? 0 };
    this.positions = new Float32Array(2 * world.length);
    world.forEach(({ x, y }, place) => {
      this.positions[2 * place] = (x - this.middle.x) * UNITS;
      this.positions[2 * place + 1] = (y - this.middle.y) * UNITS;
    });
    this.colours = new Uint8Array(BYTES_A_COLOUR * world.length);
    colours.forEach((colour, place) => this.paint(place, colour));
    this.selected.clear();
    this.drawing?.place(this.positions);
    this.changed();
  }

  /** Another colour for the dot at a place. */
  colour(place: number, colour: string): void {
    this.paint(place, colour);
    this.changed();
  }

  /** Selected dots wear a ring, and lie on top of the others. */
  select(place: number, selected: boolean): void {
    if (selected) this.selected.add(place);
    else this.selected.delete(place);
    this.changed();
  }

  /** Places of the dots whose middle lies within so many pixels of a point of the screen, the nearest first. */
  near({ x, y }: { x: number; y: number }, radiusPx: number): number[] {
    if (!this.map) return [];
    const at = MercatorCoordinate.fromLngLat(this.map.unproject([x, y]));
    const [east, south] = [(at.x - this.middle.x) * UNITS, (at.y - this.middle.y) * UNITS];
    const unitPx = (WORLD_PX * 2 ** this.map.getZoom()) / UNITS;
    const found: { place: number; away: number }[] = [];
    for (let place = 0; 2 * place < this.positions.length; place++) {
      const away = Math.hypot(this.positions[2 * place]! - east, this.positions[2 * place + 1]! - south) * unitPx;
      if (away <= radiusPx) found.push({ place, away });
    }
    return found.sort((one, other) => one.away - other.away).map(({ place }) => place);
  }

  /** The dot that a point of the screen means: it may lie beside a small one by `slackPx` from its middle. */
  under(point: { x: number; y: number }, slackPx: number): number | undefined {
    const zoom = this.map?.getZoom() ?? 0;
    return this.near(point, Math.max(slackPx, at(RADIUS_PX, zoom) + at(RING_PX, zoom)))[0];
  }

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.drawing = new DotsDrawing(gl);
    this.drawing.place(this.positions);
    this.changed();
  }

  onRemove(): void {
    this.drawing?.free();
    this.drawing = null;
    this.map = null;
  }

  render(_: WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput): void {
    if (!this.map || !this.drawing) return;
    const zoom = this.map.getZoom();
    const view = { matrix: this.matrixOf(defaultProjectionData.mainMatrix), pixelRatio: this.map.getPixelRatio() };
    const radius = at(RADIUS_PX, zoom);
    this.drawing.draw(view, { radius, ring: at(RING_PX, zoom), ringColour: WHITE });
    this.drawing.drawSelected(view, { radius, ring: at(SELECTED_RING_PX, zoom), ringColour: INK });
  }

  /** The world's matrix after a shift to the middle and a scale, reckoned in 64 bits. */
  private matrixOf(world: ArrayLike<number>): number[] {
    const { x, y } = this.middle;
    return Array.from(world, (cell, place) => {
      if (place < 8) return cell / UNITS;
      return place < 12 ? cell : cell + x * world[place - 12]! + y * world[place - 8]!;
    });
  }

  private paint(place: number, colour: string): void {
    const value = Number.parseInt(colour.slice(1), 16);
    this.colours.set([value >> 16, (value >> 8) & 255, value & 255, 255], BYTES_A_COLOUR * place);
  }

  private changed(): void {
    this.drawing?.paint(this.colours, this.selected);
    this.map?.triggerRepaint();
  }
}

/** A size at a zoom: on the line between the stops around it. */
function at(stops: Stops, zoom: number): number {
  const after = stops.findIndex(([stop]) => stop >= zoom);
  if (after <= 0) return stops.at(after)![1];
  const [[from, low], [to, high]] = [stops[after - 1]!, stops[after]!];
  return low + ((zoom - from) / (to - from)) * (high - low);
}

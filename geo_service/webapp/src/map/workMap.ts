/** The map of the workbench: buildings as dots in the colour of their zones, and tools to draw on it. */
import { type GeoJSONSource, ScaleControl, type StyleSpecification } from "maplibre-gl";

import { type Bounds, boundsOfPoints } from "./bounds";
import { Brush, type BrushStroke } from "./brush";
import { Dots } from "./dots";
import { LabelPlacement } from "./labels";
import { withoutSky } from "./library";
import type { Outline } from "./outlines";
import { PatientMap } from "./patientMap";
import { paintProposal } from "./proposalLayers";
import { requestsOf } from "./requests";
import { type StrokeTool, Strokes } from "./strokes";
import type { MapView } from "./view";
import {
  type BoardPicture,
  BUILDINGS,
  type ColouredOutline,
  composeWorkStyle,
  type OutlinedZone,
  outlineFeature,
  zoneLabels,
  type ZonePicture,
  ZONES,
} from "./workStyle";

/** What a hand on the map does: it picks, it paints buildings into a zone, or it draws a stroke. */
export type WorkMapTool = "pick" | "brush" | StrokeTool;

export interface WorkMapEvents {
  building(place: number, besides: boolean): void;
  zone(code: string | null): void;
  lasso(outline: GeoJSON.Polygon, besides: boolean): void;
  brush(stroke: BrushStroke): void;
  line(line: GeoJSON.LineString): void;
  outline(outline: Outline): void;
  moved(view: MapView): void;
}

const TOUCH_RADIUS_PX = 6;
const FITTED = { padding: 40, maxZoom: 18 };
/** A zone just made, until it is shown. */
const UNCOLOURED = "#9aa7b3";
const NOBODY: ReadonlySet<number> = new Set();

/** The map, with the few verbs the workbench needs of it. */
export class WorkMap {
  private readonly map: PatientMap;
  private readonly labels: LabelPlacement;
  private readonly brush: Brush;
  private readonly dots: Dots;
  private ready = false;
  /** Made when the first tool that draws is taken in hand: opening a plan need not wait for it. */
  private strokes: Strokes | null = null;
  private drawn: BoardPicture;
  /** The zones whose outlines the map has, or is getting. */
  private outlined: ReadonlyMap<string, ColouredOutline>;
  private painting: Promise<void> = Promise.resolve();
  private tool: WorkMapTool = "pick";
  private besides = false;

  constructor(
    container: HTMLElement,
    surroundings: StyleSpecification | null,
    private picture: BoardPicture,
    view: MapView | null,
    authorization: () => Record<string, string>,
    private readonly events: WorkMapEvents,
  ) {
    // What is selected, chosen and proposed is told once the style is there.
    const zones = picture.zones.map((zone) => ({ ...zone, chosen: false }));
    this.drawn = { ...picture, selected: NOBODY, zones, proposal: null };
    this.outlined = new Map(zones.map((zone) => [zone.code, zone]));
    this.dots = new Dots(BUILDINGS, picture);
    this.map = new PatientMap({
      container,
      style: composeWorkStyle(surroundings, picture),
      fadeDuration: 0,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      boxZoom: false,
      maxZoom: 20,
      ...(view
        ? { center: [view.longitude, view.latitude], zoom: view.zoom }
        : { bounds: boundsOfPoints(picture.points), fitBoundsOptions: FITTED }),
      transformRequest: requestsOf(authorization),
    });
    withoutSky(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    this.labels = new LabelPlacement(this.map);
    this.brush = new Brush(this.map, {
      near: (point, radiusPx) => this.dots.near(point, radiusPx),
      passed: (places) => places.forEach((place) => this.dots.select(place, true)),
      finished: (stroke) => {
        for (const place of stroke.places) this.dots.select(place, this.drawn.selected.has(place));
        this.events.brush(stroke);
      },
    });
    this.map.once("style.load", () => this.begin());
    this.map.on("webglcontextrestored", () => this.map.once("style.load", () => this.goOn()));
    this.map.on("click", ({ point, originalEvent }) => this.clicked(point, originalEvent));
    this.map.getCanvas().addEventListener("keydown", (event) => this.pressed(event));
    this.map.on("movestart", () => {
      container.dataset["idle"] = "false";
    });
    this.map.on("moveend", () => {
      const { lng: longitude, lat: latitude } = this.map.getCenter();
      this.events.moved({ zoom: this.map.getZoom(), latitude, longitude });
    });
    this.map.on("idle", () => {
      container.dataset["idle"] = String(this.ready);
    });
  }

  show(picture: BoardPicture): void {
    this.map.getContainer().dataset["idle"] = "false";
    this.picture = picture;
    if (this.ready) this.paint(picture);
  }

  /** Have the outlines of a change ready before it is shown: all of it is seen at once then, and drawn once. */
  async prepare(changed: readonly OutlinedZone[], deleted: readonly string[]): Promise<void> {
    if (!this.ready || changed.length + deleted.length === 0) return;
    this.map.getContainer().dataset["idle"] = "false";
    this.painting = this.painting.then(() => {
      const zones = new Map(this.outlined);
      for (const code of deleted) zones.delete(code);
      for (const { code, geometry } of changed) {
        zones.set(code, { code, geometry, colour: zones.get(code)?.colour ?? UNCOLOURED });
      }
      return this.outline(zones);
    });
    await this.painting;
  }

  setTool(tool: WorkMapTool): void {
    this.tool = tool;
    this.brush.hold(tool === "brush");
    if (tool === "pick" || tool === "brush") this.strokes?.take(null);
    else if (this.ready) this.drawing().take(tool);
    this.map.getCanvas().style.cursor = tool === "pick" || tool === "reshape" ? "" : "crosshair";
  }

  setBrush(radiusPx: number): void {
    this.brush.setRadius(radiusPx);
  }

  /** Give an outline corners to pull at, while the tool for it is in hand. */
  pull(outline: Outline): void {
    if (this.tool === "reshape") this.strokes?.pull(outline);
  }

  /** Wipe off what was drawn. */
  wipe(): void {
    this.strokes?.wipe();
  }

  fit([west, south, east, north]: Bounds, animate: boolean): void {
    this.map.fitBounds([west, south, east, north], { ...FITTED, animate, duration: 500 });
  }

  setTitle(title: string): void {
    this.map.getCanvas().setAttribute("aria-label", title);
  }

  zoomIn(): void {
    this.map.zoomIn();
  }

  zoomOut(): void {
    this.map.zoomOut();
  }

  remove(): void {
    this.strokes?.stop();
    this.map.remove();
  }

  private drawing(): Strokes {
    this.strokes ??= new Strokes(this.map, {
      lasso: (outline) => this.events.lasso(outline, this.besides),
      line: (line) => this.events.line(line),
      outline: (outline) => this.events.outline(outline),
    });
    return this.strokes;
  }

  private begin(): void {
    this.ready = true;
    this.map.addLayer(this.dots);
    this.map.getCanvas().addEventListener("pointerdown", (event) => {
      this.besides = event.shiftKey;
    });
    this.setTool(this.tool);
    this.paint(this.picture);
  }

  /** After the graphics card was lost MapLibre has its own layers again, but not ours, nor what zones were told. */
  private goOn(): void {
    withoutSky(this.map);
    this.map.addLayer(this.dots);
    this.drawn = { ...this.drawn, zones: this.drawn.zones.map((zone) => ({ ...zone, colour: "" })) };
    this.paint(this.picture);
  }

  /** One picture after the other: outlines come from a worker, and the rest waits to be seen with them. */
  private paint(picture: BoardPicture): void {
    this.painting = this.painting.then(async () => {
      await this.outline(new Map(picture.zones.map((zone) => [zone.code, zone])));
      this.paintZones(picture.zones);
      this.paintBuildings(picture);
      if (picture.proposal !== this.drawn.proposal) paintProposal(this.map, picture.proposal);
      this.drawn = picture;
      this.labels.set(zoneLabels(picture.zones));
      this.map.drawAgain();
    });
  }

  private async outline(zones: ReadonlyMap<string, ColouredOutline>): Promise<void> {
    const before = this.outlined;
    this.outlined = zones;
    const add = [...zones.values()].filter(({ code, geometry }) => before.get(code)?.geometry !== geometry);
    const remove = [...before.keys()].filter((code) => !zones.has(code));
    if (add.length === 0 && remove.length === 0) return;
    this.map.wait();
    await this.source(ZONES).updateData({ add: add.map(outlineFeature), remove });
    await this.map.loadedAgain(ZONES);
  }

  private paintZones(zones: readonly ZonePicture[]): void {
    const before = new Map(this.drawn.zones.map((zone) => [zone.code, zone]));
    for (const { code, colour, chosen } of zones) {
      const was = before.get(code);
      if (was?.colour !== colour || was.chosen !== chosen) {
        this.map.setFeatureState({ source: ZONES, id: code }, { colour, chosen });
      }
    }
  }

  private paintBuildings(picture: BoardPicture): void {
    const { drawn } = this;
    const { points, colours, selected } = picture;
    if (points !== drawn.points) {
      this.dots.set(picture);
    } else if (colours !== drawn.colours) {
      colours.forEach((colour, place) => {
        if (colour !== drawn.colours[place]) this.dots.colour(place, colour);
      });
    }
    const before = points === drawn.points ? drawn.selected : NOBODY;
    for (const place of before) if (!selected.has(place)) this.dots.select(place, false);
    for (const place of selected) if (!before.has(place)) this.dots.select(place, true);
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }

  private clicked(point: { x: number; y: number }, held: { shiftKey: boolean; ctrlKey: boolean; altKey: boolean }): void {
    if (!this.ready || this.tool !== "pick") return;
    const building = this.dots.under(point, TOUCH_RADIUS_PX);
    if (building !== undefined) {
      this.events.building(building, held.shiftKey || held.ctrlKey);
      return;
    }
    const [zone] = this.map.queryRenderedFeatures([point.x, point.y], { layers: [ZONES] });
    this.events.zone(zone ? String(zone.properties["code"]) : null);
  }

  /** Enter does in the middle of the map, where a cross stands then, what a click does. */
  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const { clientWidth, clientHeight } = this.map.getContainer();
    const middle = { x: clientWidth / 2, y: clientHeight / 2 };
    if (this.tool === "brush") this.brush.dab(middle, event.altKey);
    else this.clicked(middle, event);
  }
}

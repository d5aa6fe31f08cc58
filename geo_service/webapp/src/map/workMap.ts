/** The map of the workbench: buildings as dots in the colour of their zones, and tools to draw on it. */
import { type GeoJSONSource, Map as MapLibreMap, ScaleControl, type StyleSpecification } from "maplibre-gl";

import { type Bounds, boundsOf } from "./bounds";
import { boxAround, Brush, type BrushStroke } from "./brush";
import { LabelPlacement, type MapLabel } from "./labels";
import type { Outline } from "./outlines";
import { requestsOf } from "./requests";
import { type StrokeTool, Strokes } from "./strokes";
import type { MapView } from "./view";
import { BUILDINGS, composeWorkStyle, ZONES } from "./workStyle";

/** What a hand on the map does: it picks, it paints buildings into a zone, or it draws a stroke. */
export type WorkMapTool = "pick" | "brush" | StrokeTool;

export interface ZonePicture {
  code: string;
  name: string;
  geometry: Outline;
  colour: string;
  chosen: boolean;
}

export interface BoardPicture {
  /** Longitude and latitude of each building; another object is another board. */
  points: { readonly lon: readonly number[]; readonly lat: readonly number[] };
  /** By building, as in `points`. */
  colours: readonly string[];
  selected: ReadonlySet<number>;
  zones: readonly ZonePicture[];
}

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
const EMPTY: BoardPicture = { points: { lon: [], lat: [] }, colours: [], selected: new Set(), zones: [] };

/** The map, with the few verbs the workbench needs of it. */
export class WorkMap {
  private readonly map: MapLibreMap;
  private readonly labels: LabelPlacement;
  private readonly brush: Brush;
  private strokes: Strokes | null = null;
  private picture: BoardPicture | null = null;
  private drawn: BoardPicture = EMPTY;
  private tool: WorkMapTool = "pick";
  private besides = false;

  constructor(
    container: HTMLElement,
    surroundings: StyleSpecification | null,
    view: MapView | null,
    authorization: () => Record<string, string>,
    private readonly events: WorkMapEvents,
  ) {
    this.map = new MapLibreMap({
      container,
      style: composeWorkStyle(surroundings),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      boxZoom: false,
      maxZoom: 20,
      ...(view ? { center: [view.longitude, view.latitude], zoom: view.zoom } : {}),
      transformRequest: requestsOf(authorization),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    this.labels = new LabelPlacement(this.map);
    this.brush = new Brush(this.map, {
      near: (point, radiusPx) => this.buildingsNear(point, radiusPx),
      passed: (places) => places.forEach((id) => this.map.setFeatureState({ source: BUILDINGS, id }, { selected: true })),
      finished: (stroke) => {
        for (const id of stroke.places) {
          this.map.setFeatureState({ source: BUILDINGS, id }, { selected: this.drawn.selected.has(id) });
        }
        this.events.brush(stroke);
      },
    });
    this.map.once("load", () => this.begin());
    this.map.on("click", ({ point, originalEvent }) => this.clicked(point, originalEvent));
    this.map.getCanvas().addEventListener("keydown", (event) => this.pressed(event));
    this.map.on("moveend", () => {
      const { lng: longitude, lat: latitude } = this.map.getCenter();
      this.events.moved({ zoom: this.map.getZoom(), latitude, longitude });
    });
    this.map.on("idle", () => {
      container.dataset["idle"] = String(this.strokes !== null && this.picture !== null);
    });
  }

  show(picture: BoardPicture): void {
    this.map.getContainer().dataset["idle"] = "false";
    this.picture = picture;
    if (this.strokes) this.paint(picture);
  }

  setTool(tool: WorkMapTool): void {
    this.tool = tool;
    this.brush.hold(tool === "brush");
    this.strokes?.take(tool === "pick" || tool === "brush" ? null : tool);
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
    this.map.fitBounds([west, south, east, north], { padding: 40, maxZoom: 18, animate, duration: 500 });
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

  private begin(): void {
    this.strokes = new Strokes(this.map, {
      lasso: (outline) => this.events.lasso(outline, this.besides),
      line: (line) => this.events.line(line),
      outline: (outline) => this.events.outline(outline),
    });
    this.map.getCanvas().addEventListener("pointerdown", (event) => {
      this.besides = event.shiftKey;
    });
    this.setTool(this.tool);
    if (this.picture) this.paint(this.picture);
  }

  private paint(picture: BoardPicture): void {
    this.paintZones(picture.zones);
    this.paintBuildings(picture);
    this.drawn = picture;
    this.labels.set(
      picture.zones.map<MapLabel>(({ code, name, geometry, chosen }) => ({
        id: code,
        kind: "zone",
        text: name,
        bounds: boundsOf(geometry),
        chosen,
      })),
    );
  }

  private paintZones(zones: readonly ZonePicture[]): void {
    const before = new Map(this.drawn.zones.map((zone) => [zone.code, zone]));
    const add: GeoJSON.Feature[] = [];
    for (const { code, geometry, colour, chosen } of zones) {
      const was = before.get(code);
      before.delete(code);
      if (was?.geometry !== geometry) add.push({ type: "Feature", geometry, properties: { code } });
      if (was?.colour !== colour || was.chosen !== chosen) {
        this.map.setFeatureState({ source: ZONES, id: code }, { colour, chosen });
      }
    }
    if (add.length > 0 || before.size > 0) this.source(ZONES).updateData({ add, remove: [...before.keys()] });
  }

  private paintBuildings({ points, colours, selected }: BoardPicture): void {
    const { drawn } = this;
    const renewed = points !== drawn.points;
    if (renewed) {
      this.source(BUILDINGS).setData({
        type: "FeatureCollection",
        features: points.lon.map((lon, id) => ({
          type: "Feature",
          id,
          geometry: { type: "Point", coordinates: [lon, points.lat[id] ?? 0] },
          properties: {},
        })),
      });
    }
    if (renewed || colours !== drawn.colours) {
      colours.forEach((colour, id) => {
        if (renewed || colour !== drawn.colours[id]) this.map.setFeatureState({ source: BUILDINGS, id }, { colour });
      });
    }
    if (renewed || selected !== drawn.selected) {
      for (const id of drawn.selected) {
        if (!selected.has(id)) this.map.setFeatureState({ source: BUILDINGS, id }, { selected: false });
      }
      for (const id of selected) {
        if (!drawn.selected.has(id)) this.map.setFeatureState({ source: BUILDINGS, id }, { selected: true });
      }
    }
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }

  private buildingsNear(point: { x: number; y: number }, radiusPx: number): number[] {
    return this.map
      .queryRenderedFeatures(boxAround(point, radiusPx), { layers: [BUILDINGS] })
      .filter(({ geometry }) => {
        const { x, y } = this.map.project((geometry as GeoJSON.Point).coordinates as [number, number]);
        return Math.hypot(x - point.x, y - point.y) <= radiusPx;
      })
      .map(({ id }) => Number(id));
  }

  private clicked(point: { x: number; y: number }, held: { shiftKey: boolean; ctrlKey: boolean; altKey: boolean }): void {
    if (!this.strokes || this.tool !== "pick") return;
    const [building] = this.map.queryRenderedFeatures(boxAround(point, TOUCH_RADIUS_PX), { layers: [BUILDINGS] });
    if (building) {
      this.events.building(Number(building.id), held.shiftKey || held.ctrlKey);
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

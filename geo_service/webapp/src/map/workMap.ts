/** The map of the workbench: buildings as dots in the colour of their zones, and tools to draw on it. */
import { type GeoJSONSource, Map as MapLibreMap, type MapMouseEvent, ScaleControl, type StyleSpecification } from "maplibre-gl";
import { TerraDraw, TerraDrawFreehandMode, TerraDrawLineStringMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { type Bounds, boundsOf } from "./bounds";
import { LabelPlacement, type MapLabel } from "./labels";
import { paintProposal, PROPOSAL_LAYERS, PROPOSAL_SOURCES, type ProposalPicture } from "./proposalLayers";
import { surroundingsOf } from "./zoneStyle";

/** What a stroke on the map means: nothing, a lasso round buildings, or a line through a zone. */
export type WorkMapTool = "pick" | "lasso" | "line";

export interface BoardPicture {
  /** Longitude and latitude of each building, by its place. */
  buildings: readonly { at: [number, number]; colour: string; selected: boolean }[];
  zones: readonly { code: string; name: string; geometry: GeoJSON.Geometry; colour: string; chosen: boolean }[];
  proposal: ProposalPicture | null;
}

export interface WorkMapEvents {
  building(place: number, besides: boolean): void;
  zone(code: string | null): void;
  lasso(outline: GeoJSON.Polygon, besides: boolean): void;
  line(line: GeoJSON.LineString): void;
}

const BUILDINGS = "page-buildings";
const ZONES = "page-zones";
const TOUCH_RADIUS_PX = 6;
const MODES = { pick: "static", lasso: "freehand", line: "linestring" } as const;
const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

function composeStyle(surroundings: StyleSpecification | null): StyleSpecification {
  const { layers, sources } = surroundingsOf(surroundings);
  return {
    version: 8,
    sources: {
      ...sources,
      ...PROPOSAL_SOURCES,
      [ZONES]: { type: "geojson", data: NOTHING },
      [BUILDINGS]: { type: "geojson", data: NOTHING },
    },
    layers: [
      { id: "page-ground", type: "background", paint: { "background-color": "#f6f7f4" } },
      {
        id: ZONES,
        type: "fill",
        source: ZONES,
        paint: { "fill-color": ["get", "colour"], "fill-opacity": ["case", ["get", "chosen"], 0.38, 0.2] },
      },
      ...layers.filter((layer) => layer.type !== "background"),
      {
        id: "page-zone-lines",
        type: "line",
        source: ZONES,
        layout: { "line-join": "round" },
        paint: { "line-color": ["get", "colour"], "line-width": ["case", ["get", "chosen"], 4, 2] },
      },
      ...PROPOSAL_LAYERS,
      {
        id: BUILDINGS,
        type: "circle",
        source: BUILDINGS,
        paint: {
          "circle-color": ["coalesce", ["feature-state", "colour"], "#6b7280"],
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 2, 15, 5, 18, 10],
          "circle-stroke-color": ["case", ["boolean", ["feature-state", "selected"], false], "#111827", "#ffffff"],
          "circle-stroke-width": ["case", ["boolean", ["feature-state", "selected"], false], 3, 1],
        },
      },
    ],
  };
}

/** The map, with the few verbs the workbench needs of it. */
export class WorkMap {
  private readonly map: MapLibreMap;
  private readonly labels: LabelPlacement;
  private draw: TerraDraw | null = null;
  private picture: BoardPicture | null = null;
  private drawn: BoardPicture["buildings"] = [];
  private proposal: ProposalPicture | null = null;
  private tool: WorkMapTool = "pick";
  private besides = false;

  constructor(
    container: HTMLElement,
    surroundings: StyleSpecification | null,
    authorization: () => Record<string, string>,
    private readonly events: WorkMapEvents,
  ) {
    this.map = new MapLibreMap({
      container,
      style: composeStyle(surroundings),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      boxZoom: false,
      maxZoom: 20,
      transformRequest: (url) => {
        const absolute = new URL(url, location.href);
        return { url: absolute.href, headers: absolute.origin === location.origin ? authorization() : {} };
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    this.labels = new LabelPlacement(this.map);
    this.map.once("load", () => this.begin());
    this.map.on("click", (event) => this.clicked(event));
    this.map.on("idle", () => {
      container.dataset["idle"] = String(this.draw !== null && this.picture !== null);
    });
  }

  show(picture: BoardPicture): void {
    this.map.getContainer().dataset["idle"] = "false";
    const moved = this.picture?.buildings.length !== picture.buildings.length;
    this.picture = picture;
    if (this.draw) this.paint(moved);
  }

  setTool(tool: WorkMapTool): void {
    this.tool = tool;
    this.draw?.setMode(MODES[tool]);
    this.map.getCanvas().style.cursor = tool === "pick" ? "" : "crosshair";
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
    this.draw?.stop();
    this.map.remove();
  }

  private begin(): void {
    const draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.map }),
      modes: [new TerraDrawFreehandMode({ minDistance: 8, drawInteraction: "click-drag" }), new TerraDrawLineStringMode()],
    });
    draw.start();
    draw.on("finish", (id) => this.finished(draw, id));
    this.map.getCanvas().addEventListener("pointerdown", (event) => {
      this.besides = event.shiftKey;
    });
    this.draw = draw;
    this.setTool(this.tool);
    if (this.picture) this.paint(true);
  }

  private finished(draw: TerraDraw, id: string | number): void {
    const geometry = draw.getSnapshotFeature(id)?.geometry;
    // The stroke may not be taken away while the tool is still at it.
    setTimeout(() => draw.clear());
    if (geometry?.type === "Polygon") this.events.lasso(geometry as GeoJSON.Polygon, this.besides);
    if (geometry?.type === "LineString") this.events.line(geometry as GeoJSON.LineString);
  }

  private paint(moved: boolean): void {
    const { buildings, zones, proposal } = this.picture!;
    this.source(ZONES).setData({
      type: "FeatureCollection",
      features: zones.map(({ geometry, ...properties }) => ({ type: "Feature", geometry, properties })),
    });
    if (proposal !== this.proposal) paintProposal(this.map, proposal);
    this.proposal = proposal;
    if (moved) {
      this.drawn = [];
      this.source(BUILDINGS).setData({
        type: "FeatureCollection",
        features: buildings.map(({ at }, id) => ({
          type: "Feature",
          id,
          geometry: { type: "Point", coordinates: at },
          properties: {},
        })),
      });
    }
    buildings.forEach(({ colour, selected }, id) => {
      const before = this.drawn[id];
      if (before?.colour === colour && before.selected === selected) return;
      this.map.setFeatureState({ source: BUILDINGS, id }, { colour, selected });
    });
    this.drawn = buildings;
    this.labels.set(
      zones.map<MapLabel>(({ code, name, geometry, chosen }) => ({
        id: code,
        kind: "zone",
        text: name,
        bounds: boundsOf(geometry),
        chosen,
      })),
    );
  }

  private source(name: string): GeoJSONSource {
    return this.map.getSource(name) as GeoJSONSource;
  }

  private clicked({ point: { x, y }, originalEvent }: MapMouseEvent): void {
    if (this.tool !== "pick" || !this.draw) return;
    const near: [[number, number], [number, number]] = [
      [x - TOUCH_RADIUS_PX, y - TOUCH_RADIUS_PX],
      [x + TOUCH_RADIUS_PX, y + TOUCH_RADIUS_PX],
    ];
    const [building] = this.map.queryRenderedFeatures(near, { layers: [BUILDINGS] });
    if (building) {
      this.events.building(Number(building.id), originalEvent.shiftKey || originalEvent.ctrlKey);
      return;
    }
    const [zone] = this.map.queryRenderedFeatures([x, y], { layers: [ZONES] });
    this.events.zone(zone ? String(zone.properties["code"]) : null);
  }
}

import {
  Map as MapLibreMap,
  type MapMouseEvent,
  type PaddingOptions,
  ScaleControl,
  type StyleSpecification,
} from "maplibre-gl";

import { type Bounds, centreOf } from "./bounds";
import { LabelPlacement, type MapLabel } from "./labels";
import { withoutSky } from "./library";
import { layerNameOf } from "./style";
import { requestsOf } from "./requests";
import type { MapView } from "./view";

const FIT_PADDING_PX = 36;
const MAX_FIT_ZOOM = 17.5;
const TOUCH_RADIUS_PX = 4;

function paddingBeside({ top = 0, right = 0, bottom = 0, left = 0 }: Partial<PaddingOptions>): PaddingOptions {
  return {
    top: top + FIT_PADDING_PX,
    right: right + FIT_PADDING_PX,
    bottom: bottom + FIT_PADDING_PX,
    left: left + FIT_PADDING_PX,
  };
}

/** A feature of a published layer under the reader's pointer. */
export interface PickedFeature {
  layer: string;
  properties: Record<string, unknown>;
}

/** A feature under the reader's pointer, and where that is on the map, in pixels. */
export interface HoveredFeature extends PickedFeature {
  at: { x: number; y: number };
}

export interface PlanMapEvents {
  picked(feature: PickedFeature | null): void;
  hovered(feature: HoveredFeature | null): void;
  moved(view: MapView): void;
  /** The page gave the map more or less room. */
  resized(): void;
  /** A tile or the drawing itself failed. */
  failed(): void;
}

export interface PlanMapOptions {
  container: HTMLElement;
  view: MapView | null;
  authorization: () => Record<string, string>;
  events: PlanMapEvents;
}

/** The map, with the few verbs the page needs of it. */
export class PlanMap {
  private readonly map: MapLibreMap;
  private readonly labels: LabelPlacement;
  /** Whether MapLibre is ready to compare a style with the one it draws. */
  private ready = false;
  /** The latest style given. */
  private style: StyleSpecification | null = null;

  constructor({ container, view, authorization, events }: PlanMapOptions) {
    this.map = new MapLibreMap({
      container,
      style: { version: 8, sources: {}, layers: [] },
      ...(view ? { center: [view.longitude, view.latitude], zoom: view.zoom } : {}),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 20,
      transformRequest: requestsOf(authorization),
    });
    withoutSky(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    this.labels = new LabelPlacement(this.map);
    this.listen(events);
  }

  setStyle(style: StyleSpecification): void {
    this.style = style;
    if (this.ready) this.draw(style);
  }

  setLabels(labels: readonly MapLabel[]): void {
    this.labels.set(labels);
  }

  /** What a screen reader calls the map. */
  setTitle(title: string): void {
    this.map.getCanvas().setAttribute("aria-label", title);
  }

  /** `covered` is what the page lays over the map's edges, in pixels. */
  fit([west, south, east, north]: Bounds, animate = true, covered: Partial<PaddingOptions> = {}): void {
    this.awaitIdle();
    this.map.fitBounds(
      [
        [west, south],
        [east, north],
      ],
      { padding: paddingBeside(covered), maxZoom: MAX_FIT_ZOOM, animate, duration: 700 },
    );
  }

  /** Bring the middle of `bounds` to the middle of the map, at the present scale. */
  centre(bounds: Bounds): void {
    this.awaitIdle();
    this.map.easeTo({ center: centreOf(bounds), duration: 400 });
  }

  /** Ask for every tile again. */
  refresh(): void {
    for (const [name, source] of Object.entries(this.map.getStyle().sources)) {
      if (source.type === "vector") this.map.refreshTiles(name);
    }
  }

  zoomIn(): void {
    this.map.zoomIn();
  }

  zoomOut(): void {
    this.map.zoomOut();
  }

  remove(): void {
    this.map.remove();
  }

  private get container(): HTMLElement {
    return this.map.getContainer();
  }

  private draw(style: StyleSpecification): void {
    this.map.setStyle(style, { diff: true });
    this.awaitIdle();
  }

  /** MapLibre tells when it is idle only after it has drawn a frame. */
  private awaitIdle(): void {
    this.container.dataset["idle"] = "false";
    this.map.triggerRepaint();
  }

  private listen(events: PlanMapEvents): void {
    this.map.once("style.load", () => {
      this.ready = true;
      if (this.style) this.draw(this.style);
    });
    this.map.on("click", (event) => events.picked(this.featureAt(event)));
    this.map.on("mousemove", (event) => {
      const feature = this.featureAt(event);
      this.map.getCanvas().style.cursor = feature ? "pointer" : "";
      events.hovered(feature && { ...feature, at: { x: event.point.x, y: event.point.y } });
    });
    this.map.on("mouseout", () => events.hovered(null));
    this.map.on("movestart", () => {
      this.container.dataset["idle"] = "false";
    });
    this.map.on("moveend", () => {
      const { lng, lat } = this.map.getCenter();
      events.moved({ zoom: this.map.getZoom(), latitude: lat, longitude: lng });
    });
    this.map.on("resize", () => events.resized());
    this.map.on("idle", () => {
      this.container.dataset["idle"] = String(this.style !== null);
    });
    this.map.on("error", () => events.failed());
  }

  private featureAt({ point: { x, y } }: MapMouseEvent): PickedFeature | null {
    const near: [[number, number], [number, number]] = [
      [x - TOUCH_RADIUS_PX, y - TOUCH_RADIUS_PX],
      [x + TOUCH_RADIUS_PX, y + TOUCH_RADIUS_PX],
    ];
    for (const feature of this.map.queryRenderedFeatures(near)) {
      const layer = layerNameOf(feature.layer);
      if (layer !== null && !feature.layer.id.startsWith("page-")) return { layer, properties: feature.properties };
    }
    return null;
  }
}

/** What a planner draws on the map, told in degrees; the tools are terra-draw's. */
import type { Map as MapLibreMap } from "maplibre-gl";
import {
  TerraDraw,
  TerraDrawFreehandMode,
  TerraDrawLineStringMode,
  TerraDrawPolygonMode,
  TerraDrawSelectMode,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import { type Outline, outlineOf, ringsToPull } from "./outlines";

/** What a stroke on the map means. */
export type StrokeTool = "lasso" | "line" | "outline" | "reshape";

export interface StrokeEvents {
  /** A loop round buildings; it is gone at once. */
  lasso(outline: GeoJSON.Polygon): void;
  /** A line through a zone; it is gone at once. */
  line(line: GeoJSON.LineString): void;
  /** An outline as drawn or pulled so far; it stays until `wipe`. */
  outline(outline: Outline): void;
}

const MODES = { lasso: "freehand", line: "linestring", outline: "polygon", reshape: "select" } as const;
const INK = "#111827";
const LOOK = {
  fillColor: INK,
  fillOpacity: 0.06,
  outlineColor: INK,
  outlineWidth: 3,
  closingPointColor: INK,
  closingPointWidth: 6,
} as const;

export class Strokes {
  private readonly draw: TerraDraw;
  private tool: StrokeTool | null = null;
  /** The outline that is pulled at, as it was. */
  private pulled: Outline | null = null;

  constructor(
    map: MapLibreMap,
    private readonly events: StrokeEvents,
  ) {
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map }),
      modes: [
        // A loop round a few buildings is never far from where it began.
        new TerraDrawFreehandMode({
          minDistance: 4,
          preventPointsNearClose: false,
          drawInteraction: "click-drag",
          styles: LOOK,
        }),
        new TerraDrawLineStringMode({ styles: { lineStringColor: INK, lineStringWidth: 3 } }),
        new TerraDrawPolygonMode({ styles: LOOK, keyEvents: null }),
        new TerraDrawSelectMode({
          allowManualDeselection: false,
          keyEvents: null,
          flags: { polygon: { feature: { coordinates: { draggable: true, midpoints: true, deletable: true } } } },
          styles: { selectedPolygonColor: INK, selectedPolygonFillOpacity: 0.06, selectedPolygonOutlineColor: INK },
        }),
      ],
    });
    this.draw.start();
    this.draw.on("finish", (id) => this.finished(id));
  }

  /** Take a tool up, or by null lay it down; what was drawn is wiped off. */
  take(tool: StrokeTool | null): void {
    this.tool = tool;
    this.clear();
  }

  /** Wipe off what was drawn; the tool stays in hand, and what was pulled at is as it was. */
  wipe(): void {
    const { pulled } = this;
    this.clear();
    if (pulled) this.pull(pulled);
  }

  /** Give an outline corners to pull at. */
  pull(outline: Outline): void {
    this.clear();
    this.pulled = outline;
    const added = this.draw.addFeatures(
      ringsToPull(outline).map((geometry) => ({ type: "Feature", geometry, properties: { mode: "polygon" } })),
    );
    this.draw.setMode("select");
    for (const { id, valid } of added) if (valid && id !== undefined) this.draw.selectFeature(id);
  }

  stop(): void {
    this.draw.stop();
  }

  private clear(): void {
    this.pulled = null;
    this.draw.setMode("static");
    this.draw.clear();
    if (this.tool && this.tool !== "reshape") this.draw.setMode(MODES[this.tool]);
  }

  private finished(id: string | number): void {
    const geometry = this.draw.getSnapshotFeature(id)?.geometry;
    if (this.tool === "reshape") {
      this.events.outline(outlineOf(this.polygons(), this.pulled));
    } else if (this.tool === "outline" && geometry?.type === "Polygon") {
      this.draw.setMode("static");
      this.events.outline(geometry as GeoJSON.Polygon);
    } else {
      // The stroke may not be taken away while the tool is still at it.
      setTimeout(() => this.draw.clear());
      if (geometry?.type === "Polygon") this.events.lasso(geometry as GeoJSON.Polygon);
      if (geometry?.type === "LineString") this.events.line(geometry as GeoJSON.LineString);
    }
  }

  private polygons(): GeoJSON.Polygon[] {
    return this.draw
      .getSnapshot()
      .filter(({ properties }) => properties["mode"] === "polygon")
      .map(({ geometry }) => geometry as GeoJSON.Polygon);
  }
}

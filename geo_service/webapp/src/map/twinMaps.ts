/** Two maps that always look at the same place. */
import { type GeoJSONSource, Map as MapLibreMap, ScaleControl, type StyleSpecification } from "maplibre-gl";

import type { Bounds } from "./bounds";
import { boxAround } from "./brush";
import { LabelPlacement } from "./labels";
import { withoutSky } from "./library";
import { Dots } from "./dots";
import { requestsOf } from "./requests";
import type { MapView } from "./view";
import { type BoardPicture, BUILDINGS, composeWorkStyle, zoneLabels } from "./workStyle";

/** A place to find again on both maps, told by its code. */
export interface MarkedPlace {
  code: string;
  at: [longitude: number, latitude: number];
}

export interface TwinMapsOptions {
  containers: readonly [HTMLElement, HTMLElement];
  pictures: readonly [BoardPicture, BoardPicture];
  marked: readonly MarkedPlace[];
  surroundings: StyleSpecification | null;
  bounds: Bounds;
  view: MapView | null;
  authorization: () => Record<string, string>;
  events: { moved(view: MapView): void; picked(code: string): void };
}

const MARKED = "page-marked";
const CHOSEN = "page-chosen";
const RING = "#111827";
const TOUCH_RADIUS_PX = 8;
const FITTED = { padding: 32, maxZoom: 18 };
const CHOSEN_ZOOM = 17;

function collection(places: readonly MarkedPlace[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: places.map(({ code, at }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: at },
      properties: { code },
    })),
  };
}

/** A plan as on the workbench; marked buildings wear a ring, since colour alone tells them to nobody. */
function styleOf(
  surroundings: StyleSpecification | null,
  picture: BoardPicture,
  marked: readonly MarkedPlace[],
): StyleSpecification {
  const style = composeWorkStyle(surroundings, picture);
  return {
    ...style,
    sources: {
      ...style.sources,
      [MARKED]: { type: "geojson", data: collection(marked) },
      [CHOSEN]: { type: "geojson", data: collection([]) },
    },
    layers: [
      ...style.layers,
      {
        id: MARKED,
        type: "circle",
        source: MARKED,
        paint: {
          "circle-color": "transparent",
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 3, 15, 7, 18, 13],
          "circle-stroke-color": RING,
          "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 12, 1, 15, 2, 18, 3],
        },
      },
      {
        id: CHOSEN,
        type: "circle",
        source: CHOSEN,
        paint: {
          "circle-color": "transparent",
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 10, 15, 14, 18, 22],
          "circle-stroke-color": "#a63a00",
          "circle-stroke-width": 4,
        },
      },
    ],
  };
}

export class TwinMaps {
  private readonly maps: readonly MapLibreMap[];
  /** Set while one map is moved after the other, which is no movement of its own. */
  private following = false;

  constructor(private readonly options: TwinMapsOptions) {
    this.maps = options.containers.map((container, place) => this.open(container, options.pictures[place]!));
    const [left, right] = this.maps;
    if (left && right) for (const [leader, follower] of [[left, right], [right, left]] as const) this.lead(leader, follower);
  }

  fit(bounds: Bounds): void {
    this.maps[0]?.fitBounds(bounds, { ...FITTED, duration: 500 });
  }

  /** Show where a marked place is, on both maps; null shows none. */
  choose(place: MarkedPlace | null): void {
    for (const map of this.maps) (map.getSource(CHOSEN) as GeoJSONSource | undefined)?.setData(collection(place ? [place] : []));
    const [map] = this.maps;
    if (place) map?.easeTo({ center: place.at, zoom: Math.max(CHOSEN_ZOOM, map.getZoom()), duration: 500 });
  }

  setTitles(titles: readonly [string, string]): void {
    this.maps.forEach((map, place) => map.getCanvas().setAttribute("aria-label", titles[place]!));
  }

  zoomIn(): void {
    this.maps[0]?.zoomIn();
  }

  zoomOut(): void {
    this.maps[0]?.zoomOut();
  }

  remove(): void {
    for (const map of this.maps) map.remove();
  }

  private open(container: HTMLElement, picture: BoardPicture): MapLibreMap {
    const { surroundings, marked, bounds, view, authorization, events } = this.options;
    const map = new MapLibreMap({
      container,
      style: styleOf(surroundings, picture, marked),
      fadeDuration: 0,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 20,
      ...(view ? { center: [view.longitude, view.latitude], zoom: view.zoom } : { bounds, fitBoundsOptions: FITTED }),
      transformRequest: requestsOf(authorization),
    });
    const dots = new Dots(BUILDINGS, picture);
    const begin = (): void => {
      withoutSky(map);
      map.addLayer(dots, MARKED);
    };
    map.once("style.load", begin);
    map.on("webglcontextrestored", () => map.once("style.load", begin));
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    // One scale holds for both.
    if (container === this.options.containers[0]) map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    new LabelPlacement(map).set(zoneLabels(picture.zones));
    map.on("click", ({ point }) => {
      const [found] = map.queryRenderedFeatures(boxAround(point, TOUCH_RADIUS_PX), { layers: [MARKED] });
      if (found) events.picked(String(found.properties["code"]));
    });
    map.on("movestart", () => (container.dataset["idle"] = "false"));
    map.on("idle", () => (container.dataset["idle"] = "true"));
    return map;
  }

  private lead(leader: MapLibreMap, follower: MapLibreMap): void {
    leader.on("move", () => {
      if (this.following) return;
      this.following = true;
      follower.jumpTo({ center: leader.getCenter(), zoom: leader.getZoom() });
      this.following = false;
    });
    leader.on("moveend", () => {
      if (this.following) return;
      const { lng: longitude, lat: latitude } = leader.getCenter();
      this.options.events.moved({ zoom: leader.getZoom(), latitude, longitude });
    });
  }
}

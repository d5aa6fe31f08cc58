/** Where the map looks, as it stands in the address: `zoom/latitude/longitude`, degrees. */
export interface MapView {
  zoom: number;
  latitude: number;
  longitude: number;
}

export function parseView(text: string | null): MapView | null {
  const parts = (text ?? "").split("/").map(Number);
  const [zoom, latitude, longitude] = parts;
  if (parts.length !== 3 || zoom === undefined || latitude === undefined || longitude === undefined) return null;
  const sound = zoom >= 0 && zoom <= 24 && Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180;
  return sound ? { zoom, latitude, longitude } : null;
}

export function formatView(view: MapView): string {
  return [view.zoom.toFixed(2), view.latitude.toFixed(6), view.longitude.toFixed(6)].join("/");
}

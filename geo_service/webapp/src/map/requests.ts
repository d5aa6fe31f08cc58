import type { RequestParameters } from "maplibre-gl";

/** How the map asks for tiles: absolutely, since it does so from a worker, and as the reader where it asks us. */
export function requestsOf(authorization: () => Record<string, string>): (url: string) => RequestParameters {
  return (url) => {
    const absolute = new URL(url, location.href);
    return { url: absolute.href, headers: absolute.origin === location.origin ? authorization() : {} };
  };
}

// Decode vector tiles as MapLibre does. Arguments: the folder of the front end's packages, then files.
// Prints one JSON document: of every file the layers, of every layer its features with rings as drawn.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [packages, ...files] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${packages}/${name}/index.js`));
const { VectorTile } = await load("@mapbox/vector-tile");
const { PbfReader } = await load("pbf");

const decoded = files.map((file) => {
  const { layers } = new VectorTile(new PbfReader(readFileSync(file)));
  return Object.fromEntries(
    Object.entries(layers).map(([name, layer]) => [
      name,
      {
        version: layer.version,
        extent: layer.extent,
        features: Array.from({ length: layer.length }, (_, place) => {
          const feature = layer.feature(place);
          return {
            id: feature.id ?? null,
            type: feature.type,
            properties: feature.properties,
            parts: feature.loadGeometry().map((part) => part.map(({ x, y }) => [x, y])),
          };
        }),
      },
    ]),
  );
});
console.log(JSON.stringify(decoded));

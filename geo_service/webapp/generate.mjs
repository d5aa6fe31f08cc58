// Types of the service's answers and requests, from its OpenAPI document. Part of `npm run check` and `npm run build`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const DOCUMENT = new URL("./openapi.json", import.meta.url);
const TYPES = new URL("./src/api/schema.d.ts", import.meta.url);
// A pair to the service; drawing tools and GeoJSON's own types say no more than this of it.
const { factory, SyntaxKind } = ts;
const POSITION = factory.createArrayTypeNode(factory.createKeywordTypeNode(SyntaxKind.NumberKeyword));

if (!existsSync(DOCUMENT)) {
  console.error(
    "缺少 openapi.json（接口说明）；请在仓库根目录运行 make setup，或：\n" +
      "openapi.json (the API's description) is missing; run make setup in the checkout's root, or:\n" +
      "  .venv/bin/python -m geo_service.api.document geo_service/webapp/openapi.json",
  );
  process.exit(1);
}
const document = JSON.parse(readFileSync(DOCUMENT, "utf8"));
const types = await openapiTS(document, {
  // Where a request may leave a field out, the caller may, whatever its default.
  defaultNonNullable: false,
  transform: (schema, { path }) => (schema.prefixItems && path?.endsWith("/coordinates") ? POSITION : undefined),
});
writeFileSync(TYPES, astToString(types));

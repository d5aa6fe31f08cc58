/** The service's answers under the names this page knows them by; what they hold says its OpenAPI document. */
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Area = Schemas["Area"];
export type Bbox = Area["bbox"];
export type Bilingual = Schemas["Bilingual"];

export type Zone = Schemas["Zone"];
export type Outcome = Schemas["Outcome"];
export type Zones = Schemas["Zones"];
export type ZoneReasons = Schemas["ZoneReasons"];

export type Figure = Schemas["Figure"];
/** Figures by key of their measure. */
export type Figures = Record<string, Figure>;
export type Titled = Pick<Schemas["Target"], "key" | "title_zh" | "title_en">;
export type Measure = Schemas["Measure"];
export type Citation = Schemas["Citation"];
export type Milestone = Schemas["Milestone"];
export type JudgedMilestone = Schemas["JudgedMilestone"];
export type Coverage = Schemas["Coverage"];
export type CoverageRow = Schemas["CoverageRow"];

export type CurvePoint = Schemas["CurvePoint"];
export type CurveStep = Schemas["CurveStep"];
export type Flag = Schemas["Curve"]["flag"];
export type Curve = Schemas["Curve"];
export type RankedCurve = Schemas["RankedCurve"];
export type Milestones = Schemas["Milestones"];

/** What figures are asked about, by areas. */
export type Asked = Omit<paths["/api/milestones"]["get"]["parameters"]["query"], "target" | "profile"> & {
  on: string;
  by: "community" | "subdistrict";
};

export type CatalogueField = Schemas["LayerField"];
export type LegendEntry = Schemas["LegendEntry"];
export type CatalogueLayer = Schemas["CatalogueLayer"];

export type ClassifiedUnit = Schemas["ClassifiedUnit"];

export type PostBuilding = Schemas["PostBuilding"];
export type PostSheet = Schemas["PostSheet"];

/** Features of a published layer; one without a place on the map has no geometry. */
export interface Items<Properties> {
  features: { geometry: GeoJSON.Geometry | null; properties: Properties }[];
}

/** A compound or standalone building as its layer shows it on a date. */
export interface UnitProperties {
  code: string;
  name: string | null;
  community_code: string;
  address: string | null;
  status: string;
  form: string | null;
  covered: boolean;
  households: number;
}

/** Points where a label layer writes its texts. */
export interface LabelPoints {
  features: { geometry: GeoJSON.Point; properties: { code: string } }[];
}

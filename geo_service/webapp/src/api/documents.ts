/** The service's answers, as its HTTP interface names them. */

export type Bbox = [west: number, south: number, east: number, north: number];

/** Who is asking, and what of. */
export interface Me {
  name: string;
  role: "admin" | "planner" | "gis" | "viewer" | "chief";
  scope: string;
}

export interface Bilingual {
  zh: string;
  en: string;
}

export interface Area {
  code: string;
  kind: "county" | "subdistrict" | "community";
  subdistrict_kind: "street" | "town" | "functional_zone" | null;
  name: string;
  name_en: string | null;
  parent_code: string | null;
  bbox: Bbox;
}

export interface ZoneChief {
  post_id: number;
  name: string;
  work_phone: string | null;
}

export interface Zone {
  id: number;
  code: string;
  name: string | null;
  plan_id: number;
  plan_state: "draft" | "review" | "published" | "superseded";
  community_code: string;
  households: number;
  buildings: number;
  /** Metres; null where the plan was drawn before they were kept. */
  distance_m: number | null;
  patrol_m: number | null;
  locked: boolean;
  chief: ZoneChief | null;
  bbox: Bbox;
  effective_from: string | null;
}

/** One zoned community of a plan; null where nothing was measured or proven. */
export interface Outcome {
  plan_id: number;
  community_code: string;
  zones: number;
  distance_m: number | null;
  patrol_m: number | null;
  gap_percent: number | null;
}

export interface Zones {
  zones: Zone[];
  outcomes: Outcome[];
}

/** Why a zone is as it is. */
export interface ZoneReasons {
  code: string;
  explanation: { key: string; message_zh: string; message_en: string }[];
}

/** `rate` is unrounded, and null where nothing is counted. */
export interface Figure {
  numerator: number;
  denominator: number;
  rate: number | null;
}

/** Figures by key of their measure. */
export type Figures = Record<string, Figure>;

/** A part of a plan, or the plan, by its key. */
export interface Titled {
  key: string;
  title_zh: string;
  title_en: string;
}

/** How a measure counts, in words. */
export interface Measure extends Titled {
  version: number;
  unit: string;
  base: string;
  /** The day whose survey fixed the base; null where the plan bears no date. */
  baseline_date: string | null;
  numerator_rule: Bilingual;
  denominator_rule: Bilingual;
}

/** The policy profile that figures go by. */
export interface Citation extends Titled {
  version: number;
}

/** What figures are asked about; `known` is the moment whose knowledge counts, now when missing. */
export interface Asked {
  area: string;
  by: "community" | "subdistrict";
  on: string;
  known?: string | undefined;
}

export interface CoverageRow {
  code: string;
  name: string;
  figures: Figures;
}

export interface Milestone {
  date: string;
  threshold: number;
}

/** `required` is the least whole count that meets the threshold. */
export interface JudgedMilestone extends Milestone {
  required: number;
  numerator: number;
  denominator: number;
  /** Null where there is nothing to cover. */
  met: boolean | null;
}

export interface Coverage {
  area: string;
  by: Asked["by"];
  on: string;
  known: string | null;
  profile: Citation;
  measures: Measure[];
  rows: CoverageRow[];
  total: Figures;
  milestone: JudgedMilestone | null;
  milestones: Milestone[];
}

/** What a day is counted at, or a milestone asks for; `met` is null while it lies ahead. */
export interface CurvePoint extends Figure {
  date: string;
}
export interface CurveStep extends Partial<Figure> {
  date: string;
  required: number;
  met: boolean | null;
}

export type Flag = "red" | "amber" | "green" | "none";

/** `expected` is what the present pace leads to by the next milestone; null while there is too little to go by. */
export interface Curve extends Figure {
  flag: Flag;
  points: CurvePoint[];
  steps: CurveStep[];
  next: { date: string; required: number; gap: number; expected: number | null } | null;
}

export interface RankedCurve extends Curve {
  code: string;
  name: string;
  /** Null where there is nothing to cover. */
  rank: number | null;
}

export interface Milestones {
  area: string;
  on: string;
  target: Titled;
  targets: Titled[];
  total: Curve;
  rows: RankedCurve[];
}

/** `values` names coded values; a rate is a share of one, shown as a percentage. */
export interface CatalogueField {
  name: string;
  title: Bilingual;
  unit: string;
  type: "text" | "integer" | "number" | "boolean" | "date";
  is_rate: boolean;
  values: Record<string, Bilingual>;
}

export interface LegendEntry {
  label: Bilingual;
  colour: string;
  opacity: number;
  shape: "fill" | "line" | "circle";
}

export interface CatalogueLayer {
  name: string;
  title: Bilingual;
  description: Bilingual;
  geometry: string;
  minzoom: number;
  maxzoom: number;
  /** The heading it stands under; groups come in the order of their places. */
  group: { key: string; title: Bilingual; place: number } | null;
  on_by_default: boolean;
  /** Layers that colour the same ground say the same here. */
  covers: string;
  /** What the usual style colours by, of `measures`; empty where there is no choice. */
  measure: string;
  measures: { key: string; title: Bilingual; legend: LegendEntry[] }[];
  /** What milestones it can be asked for, the usual target first. */
  targets: { key: string; title: Bilingual }[];
  /** The field that a layer of labels writes on the map. */
  label_field: string | null;
  fields: CatalogueField[];
  legend: LegendEntry[];
}

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

/** What a profile's rules recommend for a unit, and what was decided instead. */
export interface ClassifiedUnit {
  code: string;
  verdict: "RECOMMENDED" | "UNDEFINED_BY_POLICY" | "FORM_LEFT_OPEN" | "NEEDS_FACTS";
  forms: string[];
  missing: string[];
  decision: { form: string; reason: string } | null;
}

/** Points where a label layer writes its texts. */
export interface LabelPoints {
  features: { geometry: GeoJSON.Point; properties: { code: string } }[];
}

export interface PostBuilding {
  code: string;
  /** Place in the walk, from 1; null where the plan was drawn without walks. */
  visit_order: number | null;
  name: string | null;
  address: string | null;
  households: number;
  storeys: number | null;
  unit_count: number | null;
  geometry: GeoJSON.Geometry;
}

export interface PostSheet {
  post: { id: number; rank: "primary" | "deputy"; valid_from: string | null; valid_to: string | null };
  chief: { name: string; work_phone: string | null; chief_role: "grid_chief" | "courtyard_chief" };
  zone: {
    id: number;
    code: string;
    name: string | null;
    households: number;
    buildings: number;
    patrol_m: number | null;
    bbox: Bbox;
    geometry: GeoJSON.Geometry;
  };
  buildings: PostBuilding[];
}

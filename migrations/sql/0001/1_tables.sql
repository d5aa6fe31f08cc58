CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- One row: what holds for the whole deployment.
CREATE TABLE deployment (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    metric_srid integer NOT NULL,
    profile_key text NOT NULL DEFAULT 'county_2024'
);

CREATE TABLE import_record (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('areas', 'compounds', 'buildings', 'barriers', 'walkways', 'people', 'ledger')),
    file_name text NOT NULL,
    sha256 text NOT NULL,
    actor text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    report jsonb NOT NULL
);

CREATE TABLE area (
    code text PRIMARY KEY CHECK (code <> '' AND code <> '*'),
    kind text NOT NULL CHECK (kind IN ('county', 'subdistrict', 'community')),
    subdistrict_kind text CHECK (subdistrict_kind IN ('street', 'town', 'functional_zone')),
    name text NOT NULL,
    name_en text,
    parent_code text REFERENCES area (code) DEFERRABLE INITIALLY DEFERRED,
    lineage text[] NOT NULL,
    valid daterange NOT NULL DEFAULT '(,)',
    geom geometry(MultiPolygon, 4490) NOT NULL,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (st_forcepolygoncw(st_transform(geom, 3857))) STORED,
    import_id bigint REFERENCES import_record (id),
    source_row integer,
    CHECK (parent_code <> code),
    CHECK (subdistrict_kind IS NULL OR kind = 'subdistrict')
);
CREATE INDEX area_parent_code ON area (parent_code);
CREATE INDEX area_lineage ON area USING gin (lineage);
CREATE INDEX area_geom ON area USING gist (geom);
CREATE INDEX area_geom_3857 ON area USING gist (geom_3857);

CREATE TABLE compound (
    code text PRIMARY KEY,
    community_code text NOT NULL REFERENCES area (code),
    name text NOT NULL,
    kind text NOT NULL DEFAULT 'compound' CHECK (kind IN ('compound', 'courtyard', 'employer_courtyard')),
    implementation_class text CHECK (implementation_class IN ('A', 'B', 'C')),
    address text,
    household_count integer NOT NULL DEFAULT 0 CHECK (household_count >= 0),
    building_count integer CHECK (building_count >= 0),
    floor_area_m2 double precision CHECK (floor_area_m2 >= 0),
    built_year smallint,
    responsible_unit text,
    baseline_unmanaged boolean NOT NULL DEFAULT true,
    geom geometry(MultiPolygon, 4490),
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (st_forcepolygoncw(st_transform(geom, 3857))) STORED,
    import_id bigint REFERENCES import_record (id),
    source_row integer
);
CREATE INDEX compound_community_code ON compound (community_code);
CREATE INDEX compound_geom_3857 ON compound USING gist (geom_3857);

CREATE TABLE building (
    code text PRIMARY KEY,
    community_code text NOT NULL REFERENCES area (code),
    compound_code text REFERENCES compound (code),
    is_standalone boolean GENERATED ALWAYS AS (compound_code IS NULL) STORED,
    name text,
    implementation_class text CHECK (implementation_class IN ('A', 'B', 'C')),
    address text,
    storeys smallint CHECK (storeys >= 0),
    unit_count smallint CHECK (unit_count >= 0),
    household_count integer NOT NULL DEFAULT 0 CHECK (household_count >= 0),
    floor_area_m2 double precision CHECK (floor_area_m2 >= 0),
    built_year smallint,
    baseline_unmanaged boolean NOT NULL DEFAULT true,
    geom geometry(MultiPolygon, 4490) NOT NULL,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (st_forcepolygoncw(st_transform(geom, 3857))) STORED,
    import_id bigint REFERENCES import_record (id),
    source_row integer
);
CREATE INDEX building_community_code ON building (community_code);
CREATE INDEX building_compound_code ON building (compound_code) WHERE compound_code IS NOT NULL;
CREATE INDEX building_geom_3857 ON building USING gist (geom_3857);

CREATE TABLE barrier (
    code text PRIMARY KEY,
    area_code text NOT NULL REFERENCES area (code),
    kind text NOT NULL CHECK (kind IN ('river', 'railway', 'trunk_road', 'wall')),
    name text,
    geom geometry(Geometry, 4490) NOT NULL,
    geom_3857 geometry(Geometry, 3857) GENERATED ALWAYS AS (st_transform(geom, 3857)) STORED,
    import_id bigint REFERENCES import_record (id),
    source_row integer
);
CREATE INDEX barrier_geom ON barrier USING gist (geom);
CREATE INDEX barrier_geom_3857 ON barrier USING gist (geom_3857);

CREATE TABLE walkway (
    code text PRIMARY KEY,
    area_code text NOT NULL REFERENCES area (code),
    kind text NOT NULL CHECK (kind IN ('lane', 'bridge', 'underpass', 'crossing')),
    name text,
    geom geometry(MultiLineString, 4490) NOT NULL,
    geom_3857 geometry(MultiLineString, 3857) GENERATED ALWAYS AS (st_transform(geom, 3857)) STORED,
    import_id bigint REFERENCES import_record (id),
    source_row integer
);
CREATE INDEX walkway_geom ON walkway USING gist (geom);
CREATE INDEX walkway_geom_3857 ON walkway USING gist (geom_3857);

CREATE TABLE person (
    code text PRIMARY KEY,
    community_code text NOT NULL REFERENCES area (code),
    name text NOT NULL,
    chief_role text NOT NULL DEFAULT 'grid_chief' CHECK (chief_role IN ('grid_chief', 'courtyard_chief')),
    work_phone text,
    zone_capacity smallint NOT NULL DEFAULT 1 CHECK (zone_capacity >= 0),
    home geometry(Point, 4490) NOT NULL,
    import_id bigint REFERENCES import_record (id),
    source_row integer
);
CREATE INDEX person_community_code ON person (community_code);

-- Apart from person, so that only an administrator's session can read it (PIPL: least exposure).
CREATE TABLE person_contact (
    person_code text PRIMARY KEY REFERENCES person (code) ON DELETE CASCADE,
    private_phone text NOT NULL
);

-- Bitemporal: valid is when it held, recorded is when we knew. A closed recorded range is history.
CREATE TABLE arrangement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    form text NOT NULL,
    step text NOT NULL CHECK (step IN ('planned', 'assigned', 'in_service', 'accepted', 'compliant')),
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    import_id bigint REFERENCES import_record (id),
    source_row integer,
    CONSTRAINT arrangement_one_at_a_time
        EXCLUDE USING gist (unit_kind WITH =, unit_code WITH =, valid WITH &&, recorded WITH &&)
);
CREATE INDEX arrangement_community_code ON arrangement (community_code);

CREATE TABLE plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    area_code text NOT NULL REFERENCES area (code),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'review', 'published', 'superseded')),
    revision integer NOT NULL DEFAULT 1,
    parent_id bigint REFERENCES plan (id),
    parameters jsonb NOT NULL,
    findings jsonb NOT NULL DEFAULT '{}',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_area_code ON plan (area_code);

CREATE TABLE plan_publication (
    plan_id bigint NOT NULL REFERENCES plan (id),
    community_code text NOT NULL REFERENCES area (code),
    effective daterange NOT NULL CHECK (NOT isempty(effective)),
    PRIMARY KEY (plan_id, community_code),
    CONSTRAINT one_published_plan_at_a_time EXCLUDE USING gist (community_code WITH =, effective WITH &&)
);

CREATE TABLE zone (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    code text NOT NULL,
    name text,
    community_code text NOT NULL REFERENCES area (code),
    household_count integer NOT NULL CHECK (household_count >= 0),
    building_count integer NOT NULL CHECK (building_count >= 1),
    medoid_building_code text NOT NULL REFERENCES building (code),
    locked boolean NOT NULL DEFAULT false,
    geom geometry(MultiPolygon, 4490) NOT NULL,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (st_forcepolygoncw(st_transform(geom, 3857))) STORED,
    UNIQUE (plan_id, code),
    UNIQUE (id, community_code),
    UNIQUE (id, plan_id, community_code)
);
CREATE INDEX zone_community_code ON zone (community_code);
CREATE INDEX zone_geom_3857 ON zone USING gist (geom_3857);

-- The primary key is the rule "a building is in at most one zone of a plan";
-- the second key ties a member to its zone's plan and community.
CREATE TABLE zone_member (
    plan_id bigint NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
    building_code text NOT NULL REFERENCES building (code),
    zone_id bigint NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    PRIMARY KEY (plan_id, building_code),
    FOREIGN KEY (zone_id, plan_id, community_code) REFERENCES zone (id, plan_id, community_code) ON DELETE CASCADE
);
CREATE INDEX zone_member_zone_id ON zone_member (zone_id);
CREATE INDEX zone_member_building_code ON zone_member (building_code);

CREATE TABLE post (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id bigint NOT NULL,
    person_code text NOT NULL REFERENCES person (code),
    community_code text NOT NULL REFERENCES area (code),
    rank text NOT NULL DEFAULT 'primary' CHECK (rank IN ('primary', 'deputy')),
    walk_distance_m double precision NOT NULL CHECK (walk_distance_m >= 0),
    valid daterange CHECK (NOT isempty(valid)),
    FOREIGN KEY (zone_id, community_code) REFERENCES zone (id, community_code) ON DELETE CASCADE,
    CONSTRAINT one_primary_a_zone_a_date EXCLUDE USING gist (zone_id WITH =, valid WITH &&) WHERE (rank = 'primary')
);
-- Until its plan is published a post has no dates; the exclusion constraint skips nulls, this does not.
CREATE UNIQUE INDEX post_one_undated_primary ON post (zone_id) WHERE rank = 'primary' AND valid IS NULL;
CREATE INDEX post_zone_id ON post (zone_id);
CREATE INDEX post_person_code ON post (person_code);
CREATE INDEX post_community_code ON post (community_code);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    table_name text NOT NULL,
    row_key text,
    row_count integer NOT NULL DEFAULT 1,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_table_row ON audit (table_name, row_key);
CREATE INDEX audit_at ON audit (at);

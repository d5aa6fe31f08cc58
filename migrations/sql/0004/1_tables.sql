ALTER TABLE compound ADD COLUMN land_area_m2 double precision CHECK (land_area_m2 >= 0);
ALTER TABLE area ADD COLUMN is_civilized_unit boolean;

-- 失管: managed once, and not any more.
ALTER TABLE arrangement
    DROP CONSTRAINT arrangement_step_check,
    ADD CONSTRAINT arrangement_step_check CHECK (
        step IN ('planned', 'assigned', 'in_service', 'accepted', 'compliant', 'lapsed'));

ALTER TABLE bulletin
    DROP CONSTRAINT bulletin_kind_check,
    ADD CONSTRAINT bulletin_kind_check CHECK (
        kind IN ('monthly_ranking', 'weekly_sheet', 'monthly_report', 'evaluation_list', 'public_notice'));

-- What a ledger says of a unit. Bitemporal: valid is when it held, recorded is when we knew.
-- facts is what the rules of a plan ask about, details the other columns of the ledger; observed_on is the day the
-- ledger speaks of, for what was first seen then is taken to have held before, until an earlier ledger says more.
CREATE TABLE unit_record (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    facts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
    observed_on date NOT NULL DEFAULT current_date,
    valid daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(valid)),
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    import_id bigint REFERENCES import_record (id),
    source_row integer,
    CONSTRAINT unit_record_one_at_a_time
        EXCLUDE USING gist (unit_kind WITH =, unit_code WITH =, valid WITH &&, recorded WITH &&)
);
CREATE INDEX unit_record_community_code ON unit_record (community_code);

-- Everything a figure may ask of a unit, once for all the units that have it in common. Never changed.
CREATE TABLE unit_state (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest text NOT NULL UNIQUE,
    is_standalone boolean NOT NULL,
    implementation_class text,
    baseline_unmanaged boolean NOT NULL,
    responsible_unit text,
    form text,
    step text,
    facts jsonb NOT NULL
);

-- The state of every unit: from valid_from, up to but not including valid_to, as was believed from known_from
-- until known_to. Derived from the tables above by access.refresh_history, and only by it.
CREATE TABLE unit_history (
    unit_kind text NOT NULL,
    unit_code text NOT NULL,
    community_code text NOT NULL,
    state_id integer NOT NULL,
    buildings integer NOT NULL,
    households integer NOT NULL,
    floor_area_dm2 bigint NOT NULL,
    land_area_dm2 bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    known_from timestamptz NOT NULL,
    known_to timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (valid_from < valid_to),
    CHECK (known_from < known_to)
);
CREATE INDEX unit_history_unit ON unit_history (community_code, unit_code);

-- The same as sums: what came to be counted in an area, or ceased to be, on a day, as was known from known_at.
-- What is counted on a day as known at a moment is the sum over all days up to it and all moments up to it.
-- Square metres are kept in hundredths, so that every sum is exact.
CREATE TABLE coverage_change (
    area_code text NOT NULL,
    state_id integer NOT NULL,
    day date NOT NULL,
    known_at timestamptz NOT NULL,
    units bigint NOT NULL,
    buildings bigint NOT NULL,
    households bigint NOT NULL,
    floor_area_dm2 bigint NOT NULL,
    land_area_dm2 bigint NOT NULL
);
CREATE INDEX coverage_change_area_code ON coverage_change (area_code);

-- Communities that a transaction has written to; empty at its end.
CREATE TABLE access.changed_community (
    code text NOT NULL,
    txid bigint NOT NULL DEFAULT txid_current(),
    PRIMARY KEY (txid, code)
);

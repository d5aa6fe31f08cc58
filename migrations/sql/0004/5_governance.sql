-- What is agreed and done for one unit: consent, bodies, who answers for it, targets, plans, lapses.
-- A record that turns out wrong is closed, and stays; no row is ever deleted, no closed one changed.

-- 政府托底: what follows where a compound's own plan fails.
ALTER TABLE arrangement ADD COLUMN is_gov_fallback boolean NOT NULL DEFAULT false;

-- What the owners, or residents, of a unit were asked; both tallies, and the rule that they were judged by.
CREATE TABLE consent_round (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    proposal text NOT NULL CHECK (btrim(proposal) <> ''),
    form text,
    began date NOT NULL,
    ended date NOT NULL,
    heads_agree integer NOT NULL,
    heads_all integer NOT NULL CHECK (heads_all > 0),
    area_agree_m2 numeric NOT NULL,
    area_all_m2 numeric NOT NULL CHECK (area_all_m2 > 0),
    profile_key text NOT NULL,
    profile_version integer NOT NULL,
    clause text NOT NULL,
    rule jsonb NOT NULL CHECK (jsonb_typeof(rule) = 'object'),
    passes boolean NOT NULL,
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CHECK (began <= ended),
    CHECK (heads_agree BETWEEN 0 AND heads_all),
    CHECK (area_agree_m2 BETWEEN 0 AND area_all_m2),
    UNIQUE (id, unit_kind, unit_code),
    CONSTRAINT consent_round_told_once EXCLUDE USING gist (
        unit_kind WITH =, unit_code WITH =, began WITH =, md5(proposal) WITH =, recorded WITH &&)
);
CREATE INDEX consent_round_community_code ON consent_round (community_code);

-- Of a unit, or of a whole community where no unit is named. The body's name, nobody's own.
CREATE TABLE governance_body (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('assembly', 'committee', 'preparatory', 'deliberation', 'pmc')),
    name text NOT NULL CHECK (btrim(name) <> ''),
    unit_kind text CHECK (unit_kind IN ('compound', 'building')),
    unit_code text,
    community_code text NOT NULL REFERENCES area (code),
    founded_on date NOT NULL,
    dissolved_on date,
    filing_number text,
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CHECK ((unit_kind IS NULL) = (unit_code IS NULL)),
    CHECK (founded_on <= dissolved_on),
    CONSTRAINT governance_body_founded_once EXCLUDE USING gist (
        kind WITH =, community_code WITH =, coalesce(unit_code, '') WITH =, name WITH =,
        daterange(founded_on, dissolved_on) WITH &&, recorded WITH &&)
);
CREATE INDEX governance_body_community_code ON governance_body (community_code);

-- 责任单位: the register of an area, and what was assigned by code. Where nothing was, the ledger's text counts.
CREATE TABLE responsible_unit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (btrim(code) <> ''),
    name text NOT NULL CHECK (btrim(name) <> ''),
    area_code text NOT NULL REFERENCES area (code),
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT responsible_unit_one_a_code EXCLUDE USING gist (code WITH =, recorded WITH &&),
    CONSTRAINT responsible_unit_one_a_name EXCLUDE USING gist (
        area_code WITH =, name WITH =, recorded WITH &&)
);
CREATE INDEX responsible_unit_area_code ON responsible_unit (area_code);

CREATE TABLE responsibility (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    responsible_code text NOT NULL,
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT responsibility_one_a_unit EXCLUDE USING gist (
        unit_kind WITH =, unit_code WITH =, recorded WITH &&)
);
CREATE INDEX responsibility_community_code ON responsibility (community_code);

-- 目标管理责任书: what an area promises the one above it, as a percentage or as a number.
CREATE TABLE target_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    giver_code text NOT NULL REFERENCES area (code),
    taker_code text NOT NULL REFERENCES area (code),
    signed_on date NOT NULL,
    due_on date NOT NULL,
    target_percent smallint CHECK (target_percent BETWEEN 1 AND 100),
    target_count integer CHECK (target_count >= 1),
    document_no text NOT NULL CHECK (btrim(document_no) <> ''),
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CHECK (giver_code <> taker_code),
    CHECK (signed_on <= due_on),
    CHECK ((target_percent IS NULL) <> (target_count IS NULL)),
    CONSTRAINT target_letter_signed_once EXCLUDE USING gist (
        giver_code WITH =, taker_code WITH =, document_no WITH =, recorded WITH &&)
);
CREATE INDEX target_letter_taker_code ON target_letter (taker_code);

-- 一小区一对策: a row is a plan in one state; the next state is the next row, and closes it.
CREATE TABLE compound_plan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    form text NOT NULL,
    measures text NOT NULL CHECK (btrim(measures) <> ''),
    state text NOT NULL CHECK (state IN ('drafted', 'consulted', 'carried_out', 'failed')),
    entered_on date NOT NULL,
    consent_round_id bigint,
    reason text,
    profile_key text NOT NULL,
    profile_version integer NOT NULL,
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CHECK ((state = 'drafted') = (consent_round_id IS NULL)),
    CHECK ((state = 'failed') = (reason IS NOT NULL)),
    FOREIGN KEY (consent_round_id, unit_kind, unit_code) REFERENCES consent_round (id, unit_kind, unit_code),
    CONSTRAINT compound_plan_one_a_unit EXCLUDE USING gist (
        unit_kind WITH =, unit_code WITH =, recorded WITH &&)
);
CREATE INDEX compound_plan_community_code ON compound_plan (community_code);

-- 失管 as an event. The arrangement it ended is kept, so that withdrawing it restores just that.
CREATE TABLE lapse (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    community_code text NOT NULL REFERENCES area (code),
    lapsed_on date NOT NULL,
    reason text NOT NULL CHECK (btrim(reason) <> ''),
    ended_arrangement_id bigint NOT NULL REFERENCES arrangement (id),
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT lapse_one_a_day EXCLUDE USING gist (
        unit_kind WITH =, unit_code WITH =, lapsed_on WITH =, recorded WITH &&)
);
CREATE INDEX lapse_community_code ON lapse (community_code);

-- Read and written within scope. What is closed is out of every writer's reach, and of what is open only the
-- columns granted here can change.
DO $$
DECLARE
    name text;
    in_scope constant text := '((SELECT access.scope()) = ''*'' OR %I IN (SELECT access.areas_in_scope()))';
    area_column text;
BEGIN
    FOREACH name IN ARRAY ARRAY['consent_round', 'governance_body', 'responsible_unit', 'responsibility',
                                'target_letter', 'compound_plan', 'lapse']
    LOOP
        area_column := CASE name WHEN 'responsible_unit' THEN 'area_code' WHEN 'target_letter' THEN 'giver_code'
                                 ELSE 'community_code' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE (recorded) ON %I TO geo_service_app', name);
        EXECUTE format('CREATE POLICY reader ON %I FOR SELECT USING ((SELECT access.is_reader()) AND '
                       || in_scope || ')', name,
                       CASE name WHEN 'target_letter' THEN 'taker_code' ELSE area_column END);
        EXECUTE format('CREATE POLICY writer_insert ON %I FOR INSERT WITH CHECK ((SELECT access.is_writer()) AND '
                       || in_scope || ')', name, area_column);
        EXECUTE format('CREATE POLICY writer_update ON %I FOR UPDATE USING ((SELECT access.is_writer()) '
                       'AND upper_inf(recorded) AND ' || in_scope || ') WITH CHECK ((SELECT access.is_writer()))',
                       name, area_column);
        EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts()', name);
        EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                       'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates()', name);
        EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes()', name);
        IF area_column = 'community_code' AND name <> 'governance_body' THEN
            EXECUTE format('CREATE TRIGGER own_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                           'FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_units()', name);
        END IF;
    END LOOP;
END $$;
GRANT UPDATE (dissolved_on) ON governance_body TO geo_service_app;

-- The register of a larger area holds inside the scope too: its units are assigned there.
CREATE POLICY registered_above ON responsible_unit FOR SELECT USING (
    (SELECT access.is_reader()) AND area_code IN (SELECT access.areas_above_scope()));

CREATE FUNCTION access.refuse_foreign_bodies() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        JOIN area a ON a.code = n.community_code
        LEFT JOIN compound c ON n.unit_kind = 'compound' AND c.code = n.unit_code
        LEFT JOIN building b ON n.unit_kind = 'building' AND b.code = n.unit_code
        WHERE a.kind <> 'community'
           OR (n.unit_code IS NOT NULL
               AND n.community_code IS DISTINCT FROM coalesce(c.community_code, b.community_code))) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a body is of a community, or of a unit of its own community';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER own_insert AFTER INSERT ON governance_body REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_bodies();

CREATE FUNCTION access.refuse_unregistered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        JOIN area a ON a.code = n.community_code
        WHERE NOT EXISTS (SELECT FROM responsible_unit r
                          WHERE r.code = n.responsible_code AND upper_inf(r.recorded)
                            AND r.area_code = ANY (a.lineage))) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the register of that place knows no such responsible unit';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registered_insert AFTER INSERT ON responsibility REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_unregistered();

CREATE FUNCTION access.refuse_letters_upwards() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN area a ON a.code = n.taker_code
               WHERE NOT a.lineage @> ARRAY[n.giver_code]) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a letter goes from an area to one below it';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER own_insert AFTER INSERT ON target_letter REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_letters_upwards();
REVOKE EXECUTE ON FUNCTION access.refuse_foreign_bodies(), access.refuse_unregistered(),
    access.refuse_letters_upwards() FROM public;

-- A name however people write it: full width or half, with spaces or without.
CREATE FUNCTION plain_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT nullif(regexp_replace(normalize(name, NFKC), '\s', '', 'g'), '') $$;
GRANT EXECUTE ON FUNCTION plain_name(text) TO geo_service_app;

-- A lapsed building is managed by nobody, in whatever form it was: zoning takes it up again.
CREATE OR REPLACE FUNCTION buildings_to_zone(on_date date) RETURNS SETOF building LANGUAGE sql STABLE AS
$$
    SELECT b.*
    FROM building b
    WHERE b.is_standalone AND b.baseline_unmanaged
      AND NOT EXISTS (
          SELECT FROM arrangement a
          WHERE a.unit_kind = 'building' AND a.unit_code = b.code AND a.form <> 'roving' AND a.step <> 'lapsed'
            AND a.valid @> on_date AND upper_inf(a.recorded))
$$;

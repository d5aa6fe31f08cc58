-- Most units are imported, and nothing is ever said of them: their rows tell all there is to tell, for all days,
-- from the moment on at which the import was entered. No line is written for these until somebody says something of
-- them or changes their row; a line costs as much as all the rest of the row. unit_history() tells of all units.
ALTER TABLE unit_history RENAME TO unit_line;
ALTER INDEX unit_history_unit RENAME TO unit_line_unit;
ALTER TABLE unit_line RENAME CONSTRAINT unit_history_check TO unit_line_check;
ALTER TABLE unit_line RENAME CONSTRAINT unit_history_check1 TO unit_line_check1;
UPDATE access.layer_topic SET table_name = 'unit_line' WHERE table_name = 'unit_history';

-- Imports with units that were entered without lines, and the moment from which these are known.
CREATE TABLE unit_entry (
    import_id bigint PRIMARY KEY REFERENCES import_record (id),
    known_from timestamptz NOT NULL
);
ALTER TABLE unit_entry ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON unit_entry TO geo_service_app;
CREATE POLICY reader ON unit_entry FOR SELECT USING ((SELECT access.role()) IS NOT NULL);
INSERT INTO access.layer_topic (table_name, topic) VALUES ('unit_entry', 'unit');

CREATE OR REPLACE VIEW access.management_unit AS
SELECT 'compound' AS kind, c.code, c.community_code, false AS is_standalone, c.implementation_class,
       c.baseline_unmanaged, nullif(btrim(c.responsible_unit), '') AS responsible_unit,
       coalesce(c.building_count, 0) AS buildings, c.household_count AS households,
       round(coalesce(c.floor_area_m2, 0) * 100)::bigint AS floor_area_dm2,
       round(coalesce(c.land_area_m2, access.ground_area_m2(c.geom), 0) * 100)::bigint AS land_area_dm2,
       c.import_id
FROM compound c
UNION ALL
SELECT 'building', b.code, b.community_code, true, b.implementation_class, b.baseline_unmanaged, NULL,
       1, b.household_count, round(coalesce(b.floor_area_m2, 0) * 100)::bigint,
       round(access.ground_area_m2(b.geom) * 100)::bigint, b.import_id
FROM building b WHERE b.is_standalone;

-- The states of units of which nothing has been said.
CREATE VIEW access.plain_state AS
SELECT id, is_standalone, baseline_unmanaged, coalesce(implementation_class, '') AS implementation_class,
       coalesce(responsible_unit, '') AS responsible_unit
FROM unit_state WHERE form IS NULL AND step IS NULL AND facts = '{}';

-- Rows of such imports as they were before a transaction changed them, whether they were plain units, had lines
-- already or were, as parts of a compound, no units; empty at its end.
CREATE TABLE access.changed_unit (
    txid bigint NOT NULL DEFAULT txid_current(),
    was_plain boolean NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    community_code text NOT NULL,
    is_standalone boolean NOT NULL,
    implementation_class text,
    baseline_unmanaged boolean NOT NULL,
    responsible_unit text,
    buildings integer NOT NULL,
    households integer NOT NULL,
    floor_area_dm2 bigint NOT NULL,
    land_area_dm2 bigint NOT NULL,
    import_id bigint NOT NULL,
    known_from timestamptz NOT NULL,
    PRIMARY KEY (txid, kind, code)
);

-- Units without a line, each with the line that it would have; what this transaction has changed is none of them.
CREATE VIEW access.plain_unit AS
SELECT u.*, e.known_from
FROM access.management_unit u
JOIN unit_entry e ON e.import_id = u.import_id
WHERE NOT EXISTS (
    SELECT FROM unit_line l
    WHERE l.community_code = u.community_code AND l.unit_kind = u.kind AND l.unit_code = u.code)
  AND NOT EXISTS (
    SELECT FROM access.changed_unit c WHERE c.txid = txid_current() AND c.kind = u.kind AND c.code = u.code);

-- What a row was before the transaction is kept once; later changes add nothing.
CREATE FUNCTION access.keep_plain_compounds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_unit
    SELECT txid_current(),
           NOT EXISTS (SELECT FROM unit_line l WHERE l.community_code = o.community_code
                       AND l.unit_kind = 'compound' AND l.unit_code = o.code),
           'compound', o.code, o.community_code, false, o.implementation_class,
           o.baseline_unmanaged, nullif(btrim(o.responsible_unit), ''), coalesce(o.building_count, 0),
           o.household_count, round(coalesce(o.floor_area_m2, 0) * 100)::bigint,
           round(coalesce(o.land_area_m2, access.ground_area_m2(o.geom), 0) * 100)::bigint,
           o.import_id, e.known_from
    FROM old_rows o
    JOIN unit_entry e ON e.import_id = o.import_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION access.keep_plain_buildings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_unit
    SELECT txid_current(),
           o.is_standalone AND NOT EXISTS (SELECT FROM unit_line l WHERE l.community_code = o.community_code
                                           AND l.unit_kind = 'building' AND l.unit_code = o.code),
           'building', o.code, o.community_code, true, o.implementation_class,
           o.baseline_unmanaged, NULL, 1, o.household_count, round(coalesce(o.floor_area_m2, 0) * 100)::bigint,
           round(access.ground_area_m2(o.geom) * 100)::bigint, o.import_id, e.known_from
    FROM old_rows o
    JOIN unit_entry e ON e.import_id = o.import_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION access.keep_all_plain_units() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_unit
    SELECT txid_current(), true, u.* FROM access.plain_unit u WHERE u.kind = TG_TABLE_NAME
    ORDER BY u.code
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- Rows that say they came with an import of earlier would be taken for known since then, and counted by nobody.
CREATE FUNCTION access.refuse_late_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN unit_entry e ON e.import_id = n.import_id) THEN
        RAISE integrity_constraint_violation USING MESSAGE = 'a row names the import that brings it';
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['compound', 'building'] LOOP
        EXECUTE format('CREATE TRIGGER keep_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.keep_plain_%Is()', name, name);
        EXECUTE format('CREATE TRIGGER keep_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.keep_plain_%Is()', name, name);
        EXECUTE format('CREATE TRIGGER keep_truncate BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.keep_all_plain_units()', name);
        EXECUTE format('CREATE TRIGGER late_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_late_rows()', name);
    END LOOP;
END $$;

-- The state of every unit that the reader may read: from valid_from, up to but not including valid_to, as was
-- believed from known_from until known_to.
CREATE FUNCTION unit_history()
RETURNS TABLE (unit_kind text, unit_code text, community_code text, state_id integer, households integer,
               valid_from date, valid_to date, known_from timestamptz, known_to timestamptz)
LANGUAGE sql STABLE AS
$$
    SELECT l.unit_kind, l.unit_code, l.community_code, l.state_id, l.households,
           l.valid_from, l.valid_to, l.known_from, l.known_to
    FROM unit_line l
    UNION ALL
    SELECT u.kind, u.code, u.community_code, s.id, u.households, '-infinity', 'infinity', e.known_from, 'infinity'
    FROM (
        SELECT 'compound' AS kind, c.code, c.community_code, false AS is_standalone, c.implementation_class,
               c.baseline_unmanaged, btrim(c.responsible_unit) AS responsible_unit,
               c.household_count AS households, c.import_id
        FROM compound c
        UNION ALL
        SELECT 'building', b.code, b.community_code, true, b.implementation_class,
               b.baseline_unmanaged, NULL, b.household_count, b.import_id
        FROM building b WHERE b.is_standalone
    ) AS u
    JOIN unit_entry e ON e.import_id = u.import_id
    JOIN unit_state s ON s.form IS NULL AND s.step IS NULL AND s.facts = '{}'
         AND s.is_standalone = u.is_standalone AND s.baseline_unmanaged = u.baseline_unmanaged
         AND coalesce(s.implementation_class, '') = coalesce(u.implementation_class, '')
         AND coalesce(s.responsible_unit, '') = coalesce(u.responsible_unit, '')
    WHERE (SELECT access.is_reader())
      AND NOT EXISTS (
        SELECT FROM unit_line l
        WHERE l.community_code = u.community_code AND l.unit_kind = u.kind AND l.unit_code = u.code)
$$;

REVOKE EXECUTE ON FUNCTION access.keep_plain_compounds(), access.keep_plain_buildings(),
    access.keep_all_plain_units(), access.refuse_late_rows(), unit_history() FROM public;
GRANT EXECUTE ON FUNCTION unit_history() TO geo_service_app;

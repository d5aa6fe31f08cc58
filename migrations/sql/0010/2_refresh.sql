-- New units of some communities of which nobody has said anything: one state for all their days, and nothing before
-- to compare with. A line is due where no import tells when they came, or where the row was known before, elsewhere or
-- otherwise.
CREATE FUNCTION access.new_units(communities text[])
RETURNS TABLE (
    kind text, code text, community_code text, is_standalone boolean, implementation_class text,
    baseline_unmanaged boolean, responsible_unit text, buildings integer, households integer,
    floor_area_dm2 bigint, land_area_dm2 bigint, import_id bigint, line_is_due boolean)
LANGUAGE sql STABLE AS
$$
    SELECT u.*, e.import_id IS NOT NULL OR u.import_id IS NULL OR c.code IS NOT NULL OR l.unit_code IS NOT NULL
    FROM access.management_unit u
    LEFT JOIN unit_entry e ON e.import_id = u.import_id
    LEFT JOIN access.changed_unit c ON c.txid = txid_current() AND c.kind = u.kind AND c.code = u.code
    LEFT JOIN (
        SELECT community_code, unit_kind, unit_code, bool_or(known_to = 'infinity') AS is_current
        FROM unit_line
        WHERE community_code = ANY (communities)
        GROUP BY community_code, unit_kind, unit_code
    ) AS l ON l.community_code = u.community_code AND l.unit_kind = u.kind AND l.unit_code = u.code
    WHERE u.community_code = ANY (communities) AND l.is_current IS NOT TRUE
      -- Those that came with an earlier import, and have no line since nothing was to be told, are not new.
      AND (e.import_id IS NULL OR c.code IS NOT NULL OR l.unit_code IS NOT NULL)
      -- Hashed whatever is expected: what is taken for a row or two would be looked for anew for every unit.
      AND (u.kind, u.code) NOT IN (
        SELECT a.unit_kind, a.unit_code
        FROM access.management_unit v
        JOIN arrangement a ON a.unit_kind = v.kind AND a.unit_code = v.code
        WHERE v.community_code = ANY (communities) AND upper_inf(a.recorded)
        UNION ALL
        SELECT r.unit_kind, r.unit_code
        FROM access.management_unit v
        JOIN unit_record r ON r.unit_kind = v.kind AND r.unit_code = v.code
        WHERE v.community_code = ANY (communities) AND upper_inf(r.recorded) AND r.facts <> '{}'
        UNION ALL
        SELECT 'building', m.building_code
        FROM building b
        JOIN zone_member m ON m.building_code = b.code
        JOIN plan_publication p ON p.plan_id = m.plan_id AND p.community_code = m.community_code
        WHERE b.community_code = ANY (communities))
$$;

-- Of lines that this transaction has written no statistics know, and what is taken for one line is looked through
-- for every unit.
CREATE FUNCTION access.know_of_new_lines(written bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    IF written > 200 THEN
        ANALYZE unit_line;
    END IF;
END $$;

-- Lines for plain units that are plain no more: those whose row this transaction has changed, as they were, and
-- those of which something is said.
CREATE FUNCTION access.tell_of_plain_units(communities text[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    written bigint;
BEGIN
    INSERT INTO unit_line (unit_kind, unit_code, community_code, state_id, buildings, households,
                           floor_area_dm2, land_area_dm2, valid_from, valid_to, known_from)
    SELECT u.kind, u.code, u.community_code, s.id, u.buildings, u.households, u.floor_area_dm2,
           u.land_area_dm2, '-infinity', 'infinity', u.known_from
    FROM (
        SELECT kind, code, community_code, is_standalone, implementation_class, baseline_unmanaged,
               responsible_unit, buildings, households, floor_area_dm2, land_area_dm2, known_from
        FROM access.changed_unit c
        WHERE txid = txid_current() AND was_plain AND NOT EXISTS (
            SELECT FROM unit_line l
            WHERE l.community_code = c.community_code AND l.unit_kind = c.kind AND l.unit_code = c.code)
        UNION ALL
        SELECT kind, code, community_code, is_standalone, implementation_class, baseline_unmanaged,
               responsible_unit, buildings, households, floor_area_dm2, land_area_dm2, known_from
        FROM access.plain_unit p
        WHERE p.community_code = ANY (communities) AND (p.kind, p.code) IN (
            SELECT a.unit_kind, a.unit_code FROM arrangement a
            WHERE upper_inf(a.recorded) AND a.community_code = ANY (communities)
            UNION ALL
            SELECT r.unit_kind, r.unit_code FROM unit_record r
            WHERE upper_inf(r.recorded) AND r.facts <> '{}' AND r.community_code = ANY (communities)
            UNION ALL
            SELECT 'building', m.building_code
            FROM plan_publication o
            JOIN zone_member m ON m.plan_id = o.plan_id AND m.community_code = o.community_code
            WHERE o.community_code = ANY (communities))
    ) AS u
    JOIN access.plain_state s
      ON s.is_standalone = u.is_standalone AND s.baseline_unmanaged = u.baseline_unmanaged
         AND s.implementation_class = coalesce(u.implementation_class, '')
         AND s.responsible_unit = coalesce(u.responsible_unit, '')
    -- Sorted so that all are found before the first is written: a table that grows while it is looked through
    -- is looked through for every row.
    ORDER BY u.community_code, u.code;
    GET DIAGNOSTICS written = ROW_COUNT;
    PERFORM access.know_of_new_lines(written);
END $$;

-- By hashing alone: sorting all units of a district would take longer than all the rest.
CREATE OR REPLACE FUNCTION access.enter_new_units(communities text[], moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp SET work_mem = '64MB' SET enable_mergejoin = off SET enable_sort = off AS
$$
DECLARE
    entered bigint;
BEGIN
    DROP TABLE IF EXISTS pg_temp.new_count;
    CREATE TEMP TABLE new_count ON COMMIT DROP AS
    SELECT community_code, import_id, line_is_due, is_standalone, baseline_unmanaged, implementation_class,
           responsible_unit, count(*) AS units, sum(buildings) AS buildings, sum(households) AS households,
           sum(floor_area_dm2) AS floor_area_dm2, sum(land_area_dm2) AS land_area_dm2
    FROM access.new_units(communities)
    GROUP BY 1, 2, 3, 4, 5, 6, 7;
    SELECT coalesce(sum(units), 0) INTO entered FROM new_count;
    IF entered > 0 THEN
        PERFORM access.enter_counted_units(communities, moment);
    END IF;
    DROP TABLE new_count;
    RETURN entered;
END $$;

-- The second half of enter_new_units, which has counted them in new_count.
CREATE FUNCTION access.enter_counted_units(communities text[], moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_sort = on AS
$$
DECLARE
    written bigint;
BEGIN
    INSERT INTO unit_state (digest, is_standalone, implementation_class, baseline_unmanaged, responsible_unit, facts)
    SELECT n.digest, n.is_standalone, n.implementation_class, n.baseline_unmanaged, n.responsible_unit, '{}'
    FROM (
        SELECT d.*, access.state_digest(d.is_standalone, d.baseline_unmanaged, d.implementation_class,
                                        d.responsible_unit, NULL, NULL, '{}') AS digest
        FROM (SELECT DISTINCT is_standalone, baseline_unmanaged, implementation_class, responsible_unit
              FROM new_count) AS d
    ) AS n
    WHERE NOT EXISTS (SELECT FROM unit_state s WHERE s.digest = n.digest)
    ON CONFLICT (digest) DO NOTHING;

    IF EXISTS (SELECT FROM new_count WHERE line_is_due) THEN
        WITH due AS MATERIALIZED (
            SELECT * FROM access.new_units(communities) u WHERE u.line_is_due
        )
        INSERT INTO unit_line (unit_kind, unit_code, community_code, state_id, buildings, households,
                               floor_area_dm2, land_area_dm2, valid_from, valid_to, known_from)
        SELECT u.kind, u.code, u.community_code, s.id, u.buildings, u.households, u.floor_area_dm2,
               u.land_area_dm2, '-infinity', 'infinity', moment
        FROM due u
        JOIN access.plain_state s
          ON s.is_standalone = u.is_standalone AND s.baseline_unmanaged = u.baseline_unmanaged
             AND s.implementation_class = coalesce(u.implementation_class, '')
             AND s.responsible_unit = coalesce(u.responsible_unit, '')
        ORDER BY u.community_code, u.code;
        GET DIAGNOSTICS written = ROW_COUNT;
        PERFORM access.know_of_new_lines(written);
    END IF;

    INSERT INTO coverage_change (area_code, state_id, day, known_at, units, buildings, households,
                                 floor_area_dm2, land_area_dm2)
    SELECT up.code, s.id, '-infinity', moment, sum(n.units), sum(n.buildings), sum(n.households),
           sum(n.floor_area_dm2), sum(n.land_area_dm2)
    FROM new_count n
    JOIN access.plain_state s
      ON s.is_standalone = n.is_standalone AND s.baseline_unmanaged = n.baseline_unmanaged
         AND s.implementation_class = coalesce(n.implementation_class, '')
         AND s.responsible_unit = coalesce(n.responsible_unit, '')
    JOIN area a ON a.code = n.community_code
    CROSS JOIN LATERAL unnest(a.lineage) AS up (code)
    GROUP BY up.code, s.id;

    INSERT INTO unit_entry (import_id, known_from)
    SELECT DISTINCT import_id, moment FROM new_count WHERE NOT line_is_due;
END $$;

CREATE OR REPLACE FUNCTION access.unit_lines(communities text[], moment timestamptz)
RETURNS TABLE (
    unit_kind text, unit_code text, community_code text, valid_from date, valid_to date,
    is_standalone boolean, implementation_class text, baseline_unmanaged boolean, responsible_unit text,
    form text, step text, facts jsonb,
    buildings integer, households integer, floor_area_dm2 bigint, land_area_dm2 bigint)
LANGUAGE sql STABLE AS
$$
    WITH unit AS (
        SELECT u.*
        FROM access.management_unit u
        WHERE u.community_code = ANY (communities)
          -- Hashed whatever is expected of it: no statistics know of this moment, and what is taken for one line is
          -- looked through for every unit.
          AND (u.community_code, u.kind, u.code) NOT IN (
            SELECT h.community_code, h.unit_kind, h.unit_code
            FROM unit_line h
            WHERE h.community_code = ANY (communities) AND h.known_from = moment)
          -- Plain ones have no lines; but of a unit may be said something in the import itself that brings it.
          AND NOT (EXISTS (SELECT FROM unit_entry e WHERE e.import_id = u.import_id)
               AND NOT EXISTS (SELECT FROM unit_line l
                               WHERE l.community_code = u.community_code AND l.unit_kind = u.kind
                                 AND l.unit_code = u.code)
               AND NOT EXISTS (SELECT FROM access.changed_unit c
                               WHERE c.txid = txid_current() AND c.kind = u.kind AND c.code = u.code)
               AND NOT EXISTS (SELECT FROM arrangement a
                               WHERE a.unit_kind = u.kind AND a.unit_code = u.code AND upper_inf(a.recorded))
               AND NOT EXISTS (SELECT FROM unit_record r
                               WHERE r.unit_kind = u.kind AND r.unit_code = u.code AND upper_inf(r.recorded)
                                 AND r.facts <> '{}')
               AND NOT EXISTS (SELECT FROM zone_member m
                               JOIN plan_publication p ON p.plan_id = m.plan_id
                                    AND p.community_code = m.community_code
                               WHERE u.kind = 'building' AND m.building_code = u.code))
    ), arranged AS (
        SELECT u.kind, u.code, a.form, a.step,
               coalesce(lower(a.valid), '-infinity') AS begins, coalesce(upper(a.valid), 'infinity') AS ends
        FROM unit u
        JOIN arrangement a ON a.unit_kind = u.kind AND a.unit_code = u.code
        WHERE upper_inf(a.recorded)
    ), described AS (
        SELECT u.kind, u.code, r.facts,
               coalesce(lower(r.valid), '-infinity') AS begins, coalesce(upper(r.valid), 'infinity') AS ends
        FROM unit u
        JOIN unit_record r ON r.unit_kind = u.kind AND r.unit_code = u.code
        WHERE upper_inf(r.recorded) AND r.facts <> '{}'
    ), zoned AS (
        SELECT m.building_code AS code, z.id AS zone_id, p.effective,
               coalesce(lower(p.effective), '-infinity') AS begins, coalesce(upper(p.effective), 'infinity') AS ends
        FROM plan_publication p
        JOIN zone z ON z.plan_id = p.plan_id AND z.community_code = p.community_code
        JOIN zone_member m ON m.zone_id = z.id
        WHERE p.community_code = ANY (communities)
    ), led AS (
        SELECT z.code, coalesce(lower(z.effective * o.valid), '-infinity') AS begins,
               coalesce(upper(z.effective * o.valid), 'infinity') AS ends
        FROM zoned z
        JOIN post o ON o.zone_id = z.zone_id AND o.rank = 'primary' AND o.valid && z.effective
    ), boundary AS (
        SELECT DISTINCT s.kind, s.code, d.day
        FROM (SELECT kind, code, begins, ends FROM arranged
              UNION ALL SELECT kind, code, begins, ends FROM described
              UNION ALL SELECT 'building', code, begins, ends FROM zoned
              UNION ALL SELECT 'building', code, begins, ends FROM led) AS s
        CROSS JOIN LATERAL (VALUES (s.begins), (s.ends)) AS d (day)
        WHERE d.day > '-infinity' AND d.day < 'infinity'
    ), eventful AS (
        SELECT kind, code FROM arranged UNION SELECT kind, code FROM described
        UNION SELECT 'building', code FROM zoned UNION SELECT 'building', code FROM led
    ), segment AS (
        -- from the beginning to the first change, then from each change to the next
        SELECT e.kind, e.code, '-infinity'::date AS begins, coalesce(min(b.day), 'infinity') AS ends
        FROM eventful e
        LEFT JOIN boundary b ON b.kind = e.kind AND b.code = e.code
        GROUP BY e.kind, e.code
        UNION ALL
        SELECT kind, code, day, coalesce(lead(day) OVER (PARTITION BY kind, code ORDER BY day), 'infinity')
        FROM boundary
    )
    SELECT u.kind, u.code, u.community_code, '-infinity'::date, 'infinity'::date, u.is_standalone,
           u.implementation_class, u.baseline_unmanaged, u.responsible_unit, NULL, NULL, '{}'::jsonb,
           u.buildings, u.households, u.floor_area_dm2, u.land_area_dm2
    FROM unit u
    WHERE NOT EXISTS (SELECT FROM eventful e WHERE e.kind = u.kind AND e.code = u.code)
    UNION ALL
    SELECT u.kind, u.code, u.community_code, s.begins, s.ends, u.is_standalone, u.implementation_class,
           u.baseline_unmanaged, u.responsible_unit, now_is.form, now_is.step, coalesce(d.facts, '{}'),
           u.buildings, u.households, u.floor_area_dm2, u.land_area_dm2
    FROM segment s
    JOIN unit u ON u.kind = s.kind AND u.code = s.code
    LEFT JOIN arranged a ON a.kind = s.kind AND a.code = s.code AND a.begins <= s.begins AND a.ends > s.begins
    LEFT JOIN described d ON d.kind = s.kind AND d.code = s.code AND d.begins <= s.begins AND d.ends > s.begins
    LEFT JOIN zoned z ON s.kind = 'building' AND z.code = s.code AND z.begins <= s.begins AND z.ends > s.begins
    LEFT JOIN led l ON s.kind = 'building' AND l.code = s.code AND l.begins <= s.begins AND l.ends > s.begins
    -- A zone with a chief in post is roving service, a zone without one is assigned; what is further up the
    -- ladder already stays there.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN l.code IS NOT NULL AND coalesce(a.step, 'lapsed') IN ('planned', 'assigned', 'lapsed')
                    THEN ARRAY['roving', 'in_service']
                    WHEN z.code IS NOT NULL AND coalesce(a.step, 'lapsed') IN ('planned', 'lapsed')
                    THEN ARRAY['roving', 'assigned']
                    ELSE ARRAY[a.form, a.step] END AS pair
    ) AS rung
    CROSS JOIN LATERAL (SELECT rung.pair[1] AS form, rung.pair[2] AS step) AS now_is
$$;

-- Bring the lines of all units that have any up to what is believed now.
CREATE FUNCTION access.compare_lines(communities text[], moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    DROP TABLE IF EXISTS pg_temp.fresh_line, pg_temp.history_difference;
    CREATE TEMP TABLE fresh_line ON COMMIT DROP AS
    SELECT l.*, access.state_digest(l.is_standalone, l.baseline_unmanaged, l.implementation_class,
                                    l.responsible_unit, l.form, l.step, l.facts) AS digest
    FROM access.unit_lines(communities, moment) l;

    INSERT INTO unit_state (digest, is_standalone, implementation_class, baseline_unmanaged, responsible_unit,
                            form, step, facts)
    SELECT DISTINCT digest, is_standalone, implementation_class, baseline_unmanaged, responsible_unit,
           form, step, facts
    FROM fresh_line f
    WHERE NOT EXISTS (SELECT FROM unit_state s WHERE s.digest = f.digest)
    ON CONFLICT (digest) DO NOTHING;
    ANALYZE fresh_line (unit_code, community_code, digest);

    CREATE TEMP TABLE history_difference ON COMMIT DROP AS
    SELECT f.unit_kind, f.unit_code, f.community_code, f.state_id, f.buildings, f.households,
           f.floor_area_dm2, f.land_area_dm2, f.valid_from, f.valid_to, NULL::tid AS line, 1 AS sign
    FROM (SELECT l.*, s.id AS state_id FROM fresh_line l JOIN unit_state s USING (digest)) AS f
    WHERE NOT EXISTS (
        SELECT FROM unit_line h
        WHERE h.known_to = 'infinity' AND h.community_code = f.community_code
          AND h.unit_kind = f.unit_kind AND h.unit_code = f.unit_code AND h.valid_from = f.valid_from
          AND ROW(h.state_id, h.buildings, h.households, h.floor_area_dm2, h.land_area_dm2, h.valid_to)
              = ROW(f.state_id, f.buildings, f.households, f.floor_area_dm2, f.land_area_dm2, f.valid_to))
    UNION ALL
    SELECT h.unit_kind, h.unit_code, h.community_code, h.state_id, h.buildings, h.households,
           h.floor_area_dm2, h.land_area_dm2, h.valid_from, h.valid_to, h.ctid, -1
    FROM unit_line h
    WHERE h.known_to = 'infinity' AND h.community_code = ANY (communities) AND h.known_from <> moment
      AND NOT EXISTS (
        SELECT FROM fresh_line l JOIN unit_state s USING (digest)
        WHERE l.community_code = h.community_code
          AND l.unit_kind = h.unit_kind AND l.unit_code = h.unit_code AND l.valid_from = h.valid_from
          AND ROW(s.id, l.buildings, l.households, l.floor_area_dm2, l.land_area_dm2, l.valid_to)
              = ROW(h.state_id, h.buildings, h.households, h.floor_area_dm2, h.land_area_dm2, h.valid_to));

    UPDATE unit_line h SET known_to = moment FROM history_difference d WHERE h.ctid = d.line;
    INSERT INTO unit_line (unit_kind, unit_code, community_code, state_id, buildings, households,
                              floor_area_dm2, land_area_dm2, valid_from, valid_to, known_from)
    SELECT unit_kind, unit_code, community_code, state_id, buildings, households, floor_area_dm2,
           land_area_dm2, valid_from, valid_to, moment
    FROM history_difference WHERE sign = 1;

    INSERT INTO coverage_change (area_code, state_id, day, known_at, units, buildings, households,
                                 floor_area_dm2, land_area_dm2)
    SELECT up.code, c.state_id, c.day, moment, sum(c.units), sum(c.buildings), sum(c.households),
           sum(c.floor_area_dm2), sum(c.land_area_dm2)
    FROM (
        SELECT d.community_code, d.state_id, turn.day, sum(turn.sign) AS units,
               sum(turn.sign * d.buildings) AS buildings, sum(turn.sign * d.households) AS households,
               sum(turn.sign * d.floor_area_dm2) AS floor_area_dm2,
               sum(turn.sign * d.land_area_dm2) AS land_area_dm2
        FROM history_difference d
        CROSS JOIN LATERAL (VALUES (d.valid_from, d.sign), (d.valid_to, -d.sign)) AS turn (day, sign)
        WHERE turn.day < 'infinity'
        GROUP BY d.community_code, d.state_id, turn.day
    ) AS c
    JOIN area a ON a.code = c.community_code
    CROSS JOIN LATERAL unnest(a.lineage) AS up (code)
    GROUP BY up.code, c.state_id, c.day
    HAVING sum(c.units) <> 0 OR sum(c.buildings) <> 0 OR sum(c.households) <> 0
        OR sum(c.floor_area_dm2) <> 0 OR sum(c.land_area_dm2) <> 0;
    DROP TABLE fresh_line, history_difference;
END $$;

-- Bring the history of some communities up to what is believed now, known from a moment on.
CREATE OR REPLACE FUNCTION access.refresh_communities(communities text[], moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    entered bigint;
BEGIN
    PERFORM access.tell_of_plain_units(communities);
    entered := access.enter_new_units(communities, moment);
    -- Where all units are new and nothing is known of others, nothing is left to compare.
    IF entered < (SELECT count(*) FROM compound WHERE community_code = ANY (communities))
                 + (SELECT count(*) FROM building WHERE is_standalone AND community_code = ANY (communities))
       OR EXISTS (SELECT FROM unit_line
                  WHERE known_to = 'infinity' AND community_code = ANY (communities) AND known_from <> moment)
    THEN
        PERFORM access.compare_lines(communities, moment);
    END IF;
    DELETE FROM access.changed_unit WHERE txid = txid_current();
END $$;

REVOKE EXECUTE ON FUNCTION access.know_of_new_lines(bigint), access.new_units(text[]), access.tell_of_plain_units(text[]),
    access.enter_counted_units(text[], timestamptz), access.compare_lines(text[], timestamptz) FROM public;

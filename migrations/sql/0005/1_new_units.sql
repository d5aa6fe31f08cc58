-- Management units: compounds, and buildings that stand by themselves.
CREATE VIEW access.management_unit AS
SELECT 'compound' AS kind, c.code, c.community_code, false AS is_standalone, c.implementation_class,
       c.baseline_unmanaged, nullif(btrim(c.responsible_unit), '') AS responsible_unit,
       coalesce(c.building_count, 0) AS buildings, c.household_count AS households,
       round(coalesce(c.floor_area_m2, 0) * 100)::bigint AS floor_area_dm2,
       round(coalesce(c.land_area_m2, access.ground_area_m2(c.geom), 0) * 100)::bigint AS land_area_dm2
FROM compound c
UNION ALL
SELECT 'building', b.code, b.community_code, true, b.implementation_class, b.baseline_unmanaged, NULL,
       1, b.household_count, round(coalesce(b.floor_area_m2, 0) * 100)::bigint,
       round(access.ground_area_m2(b.geom) * 100)::bigint
FROM building b WHERE b.is_standalone;

CREATE FUNCTION access.state_digest(is_standalone boolean, baseline_unmanaged boolean, implementation_class text,
                                    responsible_unit text, form text, step text, facts jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT md5(is_standalone || '|' || baseline_unmanaged || '|' || coalesce(implementation_class, '') || '|'
               || coalesce(form, '') || '|' || coalesce(step, '') || '|' || facts::text || '|'
               || coalesce(responsible_unit, ''))
$$;

-- New units of which nobody has said anything, which is all that a first import brings: one state for all their
-- days, and nothing before to compare with. A tenth of what the comparison below would cost.
CREATE FUNCTION access.enter_new_units(communities text[], moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    entered bigint;
BEGIN
    DROP TABLE IF EXISTS pg_temp.new_unit, pg_temp.new_state;
    CREATE TEMP TABLE new_unit ON COMMIT DROP AS
    SELECT u.*
    FROM access.management_unit u
    WHERE u.community_code = ANY (communities)
      AND NOT EXISTS (
        SELECT FROM unit_history h
        WHERE h.known_to = 'infinity' AND h.community_code = u.community_code
          AND h.unit_kind = u.kind AND h.unit_code = u.code)
      AND NOT EXISTS (
        SELECT FROM arrangement a
        WHERE a.unit_kind = u.kind AND a.unit_code = u.code AND upper_inf(a.recorded))
      AND NOT EXISTS (
        SELECT FROM unit_record r
        WHERE r.unit_kind = u.kind AND r.unit_code = u.code AND upper_inf(r.recorded) AND r.facts <> '{}')
      AND NOT EXISTS (
        SELECT FROM zone_member m
        JOIN plan_publication p ON p.plan_id = m.plan_id AND p.community_code = m.community_code
        WHERE u.kind = 'building' AND m.building_code = u.code);
    IF NOT EXISTS (SELECT FROM new_unit) THEN
        DROP TABLE new_unit;
        RETURN 0;
    END IF;

    CREATE TEMP TABLE new_state ON COMMIT DROP AS
    SELECT d.*, access.state_digest(d.is_standalone, d.baseline_unmanaged, d.implementation_class,
                                    d.responsible_unit, NULL, NULL, '{}') AS digest
    FROM (SELECT DISTINCT is_standalone, baseline_unmanaged, implementation_class, responsible_unit
          FROM new_unit) AS d;
    INSERT INTO unit_state (digest, is_standalone, implementation_class, baseline_unmanaged, responsible_unit, facts)
    SELECT n.digest, n.is_standalone, n.implementation_class, n.baseline_unmanaged, n.responsible_unit, '{}'
    FROM new_state n
    WHERE NOT EXISTS (SELECT FROM unit_state s WHERE s.digest = n.digest)
    ON CONFLICT (digest) DO NOTHING;

    WITH new_line AS (
        SELECT u.*, s.id AS state_id
        FROM new_unit u
        JOIN new_state n ON n.is_standalone = u.is_standalone AND n.baseline_unmanaged = u.baseline_unmanaged
             AND coalesce(n.implementation_class, '') = coalesce(u.implementation_class, '')
             AND coalesce(n.responsible_unit, '') = coalesce(u.responsible_unit, '')
        JOIN unit_state s ON s.digest = n.digest
    ), counted AS (
        INSERT INTO coverage_change (area_code, state_id, day, known_at, units, buildings, households,
                                     floor_area_dm2, land_area_dm2)
        SELECT up.code, c.state_id, '-infinity', moment, sum(c.units), sum(c.buildings), sum(c.households),
               sum(c.floor_area_dm2), sum(c.land_area_dm2)
        FROM (
            SELECT community_code, state_id, count(*) AS units, sum(buildings) AS buildings,
                   sum(households) AS households, sum(floor_area_dm2) AS floor_area_dm2,
                   sum(land_area_dm2) AS land_area_dm2
            FROM new_line GROUP BY community_code, state_id
        ) AS c
        JOIN area a ON a.code = c.community_code
        CROSS JOIN LATERAL unnest(a.lineage) AS up (code)
        GROUP BY up.code, c.state_id
    )
    INSERT INTO unit_history (unit_kind, unit_code, community_code, state_id, buildings, households,
                              floor_area_dm2, land_area_dm2, valid_from, valid_to, known_from)
    SELECT kind, code, community_code, state_id, buildings, households, floor_area_dm2, land_area_dm2,
           '-infinity', 'infinity', moment
    FROM new_line
    ORDER BY community_code, code;
    GET DIAGNOSTICS entered = ROW_COUNT;
    DROP TABLE new_unit, new_state;
    RETURN entered;
END $$;

-- What is believed now of every unit of some communities but those entered at this moment, one row for every
-- stretch of days without a change.
CREATE FUNCTION access.unit_lines(communities text[], moment timestamptz)
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
          AND NOT EXISTS (
            SELECT FROM unit_history h
            WHERE h.community_code = u.community_code AND h.unit_kind = u.kind AND h.unit_code = u.code
              AND h.known_from = moment)
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

CREATE OR REPLACE FUNCTION access.refresh_communities(communities text[], moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    entered bigint := access.enter_new_units(communities, moment);
BEGIN
    -- Where all units are new and nothing is known of others, nothing is left to compare.
    IF entered = (SELECT count(*) FROM compound WHERE community_code = ANY (communities))
                 + (SELECT count(*) FROM building WHERE is_standalone AND community_code = ANY (communities))
       AND NOT EXISTS (SELECT FROM unit_history
                       WHERE known_to = 'infinity' AND community_code = ANY (communities) AND known_from <> moment)
    THEN
        RETURN;
    END IF;
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
        SELECT FROM unit_history h
        WHERE h.known_to = 'infinity' AND h.community_code = f.community_code
          AND h.unit_kind = f.unit_kind AND h.unit_code = f.unit_code AND h.valid_from = f.valid_from
          AND ROW(h.state_id, h.buildings, h.households, h.floor_area_dm2, h.land_area_dm2, h.valid_to)
              = ROW(f.state_id, f.buildings, f.households, f.floor_area_dm2, f.land_area_dm2, f.valid_to))
    UNION ALL
    SELECT h.unit_kind, h.unit_code, h.community_code, h.state_id, h.buildings, h.households,
           h.floor_area_dm2, h.land_area_dm2, h.valid_from, h.valid_to, h.ctid, -1
    FROM unit_history h
    WHERE h.known_to = 'infinity' AND h.community_code = ANY (communities) AND h.known_from <> moment
      AND NOT EXISTS (
        SELECT FROM fresh_line l JOIN unit_state s USING (digest)
        WHERE l.community_code = h.community_code
          AND l.unit_kind = h.unit_kind AND l.unit_code = h.unit_code AND l.valid_from = h.valid_from
          AND ROW(s.id, l.buildings, l.households, l.floor_area_dm2, l.land_area_dm2, l.valid_to)
              = ROW(h.state_id, h.buildings, h.households, h.floor_area_dm2, h.land_area_dm2, h.valid_to));

    UPDATE unit_history h SET known_to = moment FROM history_difference d WHERE h.ctid = d.line;
    INSERT INTO unit_history (unit_kind, unit_code, community_code, state_id, buildings, households,
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


DROP FUNCTION access.unit_lines(text[]);
REVOKE EXECUTE ON FUNCTION access.state_digest(boolean, boolean, text, text, text, text, jsonb),
    access.enter_new_units(text[], timestamptz), access.unit_lines(text[], timestamptz) FROM public;

-- Square metres on the ellipsoid of CGCS2000 of an outline in degrees: the area in degrees times the radii of
-- curvature at its middle latitude. For what is no larger than a town it differs from the geodesic area by less
-- than a millionth, and takes a fiftieth of the time.
-- One expression, so that it is inlined: called as a function it would take ten times as long.
CREATE FUNCTION access.ground_area_m2(outline geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT st_area(outline) * 0.00030461741978670857 * 40680631590769.0 * 0.9933056199770992
           * cosd((st_ymin(outline) + st_ymax(outline)) / 2)
           / (1 - 0.0066943800229008 * sind((st_ymin(outline) + st_ymax(outline)) / 2) ^ 2) ^ 2
$$;

-- What is believed now of every unit of some communities, one row for every stretch of days without a change.
CREATE FUNCTION access.unit_lines(communities text[])
RETURNS TABLE (
    unit_kind text, unit_code text, community_code text, valid_from date, valid_to date,
    is_standalone boolean, implementation_class text, baseline_unmanaged boolean, responsible_unit text,
    form text, step text, facts jsonb,
    buildings integer, households integer, floor_area_dm2 bigint, land_area_dm2 bigint)
LANGUAGE sql STABLE AS
$$
    WITH unit AS (
        SELECT 'compound' AS kind, c.code, c.community_code, false AS is_standalone, c.implementation_class,
               c.baseline_unmanaged, nullif(btrim(c.responsible_unit), '') AS responsible_unit,
               coalesce(c.building_count, 0) AS buildings, c.household_count AS households,
               round(coalesce(c.floor_area_m2, 0) * 100)::bigint AS floor_area_dm2,
               round(coalesce(c.land_area_m2, access.ground_area_m2(c.geom), 0) * 100)::bigint AS land_area_dm2
        FROM compound c WHERE c.community_code = ANY (communities)
        UNION ALL
        SELECT 'building', b.code, b.community_code, true, b.implementation_class, b.baseline_unmanaged, NULL,
               1, b.household_count, round(coalesce(b.floor_area_m2, 0) * 100)::bigint,
               round(access.ground_area_m2(b.geom) * 100)::bigint
        FROM building b WHERE b.is_standalone AND b.community_code = ANY (communities)
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

-- Bring the history of some communities up to what is believed now, known from a moment on.
CREATE FUNCTION access.refresh_communities(communities text[], moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
BEGIN
    DROP TABLE IF EXISTS pg_temp.fresh_line, pg_temp.history_difference;
    CREATE TEMP TABLE fresh_line ON COMMIT DROP AS
    SELECT l.*, md5(l.is_standalone || '|' || l.baseline_unmanaged || '|' || coalesce(l.implementation_class, '')
                    || '|' || coalesce(l.form, '') || '|' || coalesce(l.step, '') || '|' || l.facts::text || '|'
                    || coalesce(l.responsible_unit, '')) AS digest
    FROM access.unit_lines(communities) l;

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
    WHERE h.known_to = 'infinity' AND h.community_code = ANY (communities)
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

-- At the end of every transaction, for the communities it wrote to: one that counts sees all of it or nothing.
CREATE FUNCTION access.refresh_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    communities text[];
BEGIN
    WITH gone AS (DELETE FROM access.changed_community WHERE txid = txid_current() RETURNING code)
    SELECT array_agg(code ORDER BY code) INTO communities FROM gone;
    IF communities IS NULL THEN
        RETURN NULL;
    END IF;
    -- Two writers of one community go one after the other, and the second sees what the first has written.
    -- Many communities together take one lock instead of thousands.
    IF cardinality(communities) > 100 THEN
        PERFORM pg_advisory_xact_lock(7301231, 0);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7301231, 0);
        PERFORM pg_advisory_xact_lock(7301232, hashtext(each.code)) FROM unnest(communities) AS each (code);
    END IF;
    PERFORM access.refresh_communities(communities, clock_timestamp());
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER refresh AFTER INSERT ON access.changed_community
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.refresh_history();

CREATE FUNCTION access.note_new_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_community (code) SELECT DISTINCT community_code FROM new_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION access.note_old_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_community (code) SELECT DISTINCT community_code FROM old_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION access.note_changed_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_community (code)
    SELECT community_code FROM old_rows UNION SELECT community_code FROM new_rows ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION access.note_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO access.changed_community (code) SELECT code FROM area WHERE kind = 'community' ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['compound', 'building', 'arrangement', 'unit_record', 'plan_publication', 'post'] LOOP
        EXECUTE format('CREATE TRIGGER note_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.note_new_rows()', name);
        EXECUTE format('CREATE TRIGGER note_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                       'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.note_changed_rows()', name);
        EXECUTE format('CREATE TRIGGER note_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.note_old_rows()', name);
        EXECUTE format('CREATE TRIGGER note_truncate AFTER TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.note_all()', name);
    END LOOP;
END $$;

-- A community that comes under another sub-district takes all its past with it: sums are of the areas of today.
CREATE FUNCTION access.sum_up_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    above text[];
BEGIN
    SELECT array_agg(DISTINCT up.code) INTO above
    FROM old_rows o
    JOIN new_rows n USING (code)
    CROSS JOIN LATERAL unnest(o.lineage || n.lineage) AS up (code)
    WHERE o.lineage <> n.lineage AND NOT EXISTS (SELECT FROM area a WHERE a.code = up.code AND a.kind = 'community');
    IF above IS NULL THEN
        RETURN NULL;
    END IF;
    DELETE FROM coverage_change WHERE area_code = ANY (above);
    INSERT INTO coverage_change (area_code, state_id, day, known_at, units, buildings, households,
                                 floor_area_dm2, land_area_dm2)
    SELECT up.code, c.state_id, c.day, c.known_at, sum(c.units), sum(c.buildings), sum(c.households),
           sum(c.floor_area_dm2), sum(c.land_area_dm2)
    FROM coverage_change c
    JOIN area a ON a.code = c.area_code AND a.kind = 'community'
    CROSS JOIN LATERAL unnest(a.lineage) AS up (code)
    WHERE up.code = ANY (above)
    GROUP BY up.code, c.state_id, c.day, c.known_at;
    RETURN NULL;
END $$;
CREATE TRIGGER sum_up_again AFTER UPDATE ON area REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.sum_up_again();

REVOKE EXECUTE ON FUNCTION access.ground_area_m2(geometry), access.unit_lines(text[]), access.refresh_communities(text[], timestamptz),
    access.refresh_history(), access.note_new_rows(), access.note_old_rows(), access.note_changed_rows(),
    access.note_all(), access.sum_up_again() FROM public;

-- The status of every management unit (a compound, or a standalone building) on a date, as known at a moment.
-- Not SECURITY DEFINER and without SET, so that the planner can inline them and row-level security still holds;
-- one function a kind, because a join condition reaches into a function of one query but not into a union.
CREATE FUNCTION compound_status(on_date date, covered_steps text[], known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    unit_kind text, unit_code text, community_code text, implementation_class text, baseline_unmanaged boolean,
    buildings integer, households integer, floor_area_m2 double precision,
    form text, step text, covered boolean)
LANGUAGE sql STABLE AS
$$
    SELECT 'compound', c.code, c.community_code, c.implementation_class, c.baseline_unmanaged,
           coalesce(c.building_count, 0), c.household_count, coalesce(c.floor_area_m2, 0),
           a.form, a.step, coalesce(a.step = ANY (covered_steps), false)
    FROM compound c
    LEFT JOIN arrangement a ON a.unit_kind = 'compound' AND a.unit_code = c.code
         AND a.valid @> on_date AND a.recorded @> known_at
$$;
GRANT EXECUTE ON FUNCTION compound_status(date, text[], timestamptz) TO geo_service_app;

CREATE FUNCTION building_status(on_date date, covered_steps text[], known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    unit_kind text, unit_code text, community_code text, implementation_class text, baseline_unmanaged boolean,
    buildings integer, households integer, floor_area_m2 double precision,
    form text, step text, covered boolean)
LANGUAGE sql STABLE AS
$$
    SELECT 'building', b.code, b.community_code, b.implementation_class, b.baseline_unmanaged,
           1, b.household_count, coalesce(b.floor_area_m2, 0),
           now_is.form, now_is.step, coalesce(now_is.step = ANY (covered_steps), false)
    FROM building b
    LEFT JOIN arrangement a ON a.unit_kind = 'building' AND a.unit_code = b.code
         AND a.valid @> on_date AND a.recorded @> known_at
    LEFT JOIN (
        SELECT m.building_code, m.zone_id, o.person_code AS chief
        FROM plan_publication p
        JOIN zone z ON z.plan_id = p.plan_id AND z.community_code = p.community_code
        JOIN zone_member m ON m.zone_id = z.id
        -- Said with bounds, not with @>: under row-level security the planner takes @> to match hardly any row,
        -- and would compare every post with every zone.
        LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND o.valid IS NOT NULL
             AND coalesce(lower(o.valid), '-infinity') <= on_date AND coalesce(upper(o.valid), 'infinity') > on_date
        WHERE p.effective @> on_date
    ) AS served ON served.building_code = b.code
    -- A zone with a chief in post is roving service, a zone without one is assigned; what is further up the
    -- ladder already stays there.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN served.chief IS NOT NULL AND coalesce(a.step, 'planned') IN ('planned', 'assigned')
                    THEN ARRAY['roving', 'in_service']
                    WHEN served.zone_id IS NOT NULL AND coalesce(a.step, 'planned') = 'planned'
                    THEN ARRAY['roving', 'assigned']
                    ELSE ARRAY[a.form, a.step] END AS pair
    ) AS rung
    CROSS JOIN LATERAL (SELECT rung.pair[1] AS form, rung.pair[2] AS step) AS now_is
    WHERE b.is_standalone
$$;
GRANT EXECUTE ON FUNCTION building_status(date, text[], timestamptz) TO geo_service_app;

CREATE FUNCTION unit_status(on_date date, covered_steps text[], known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    unit_kind text, unit_code text, community_code text, implementation_class text, baseline_unmanaged boolean,
    buildings integer, households integer, floor_area_m2 double precision,
    form text, step text, covered boolean)
LANGUAGE sql STABLE AS
$$
    SELECT * FROM compound_status(on_date, covered_steps, known_at)
    UNION ALL
    SELECT * FROM building_status(on_date, covered_steps, known_at)
$$;
GRANT EXECUTE ON FUNCTION unit_status(date, text[], timestamptz) TO geo_service_app;

-- Exact counts a community; SECURITY DEFINER because viewers read coverage and nothing else. The scope is
-- applied here by hand for that reason.
CREATE FUNCTION coverage_counts(
    within_area text, on_date date, covered_steps text[], known_at timestamptz DEFAULT 'infinity')
RETURNS TABLE (
    community_code text,
    units bigint, units_covered bigint, buildings bigint, buildings_covered bigint,
    households bigint, households_covered bigint, floor_area_m2 numeric, floor_area_m2_covered numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT a.code,
           count(s.unit_code), count(s.unit_code) FILTER (WHERE s.covered),
           coalesce(sum(s.buildings), 0), coalesce(sum(s.buildings) FILTER (WHERE s.covered), 0),
           coalesce(sum(s.households), 0), coalesce(sum(s.households) FILTER (WHERE s.covered), 0),
           coalesce(sum(s.floor_area_m2::numeric), 0),
           coalesce(sum(s.floor_area_m2::numeric) FILTER (WHERE s.covered), 0)
    FROM area a
    LEFT JOIN unit_status(on_date, covered_steps, known_at) s ON s.community_code = a.code AND s.baseline_unmanaged
    WHERE a.kind = 'community'
      AND a.lineage @> ARRAY[within_area]
      AND (access.scope() = '*' OR a.lineage @> ARRAY[access.scope()])
      AND access.role() IN ('admin', 'planner', 'gis', 'viewer')
    GROUP BY a.code
$$;
REVOKE EXECUTE ON FUNCTION coverage_counts(text, date, text[], timestamptz) FROM public;
GRANT EXECUTE ON FUNCTION coverage_counts(text, date, text[], timestamptz) TO geo_service_app;

-- What zoning takes up: standalone buildings of the baseline that nobody manages in another form on that date.
CREATE FUNCTION buildings_to_zone(on_date date) RETURNS SETOF building LANGUAGE sql STABLE AS
$$
    SELECT b.*
    FROM building b
    WHERE b.is_standalone AND b.baseline_unmanaged
      AND NOT EXISTS (
          SELECT FROM arrangement a
          WHERE a.unit_kind = 'building' AND a.unit_code = b.code AND a.form <> 'roving'
            AND a.valid @> on_date AND upper_inf(a.recorded))
$$;
GRANT EXECUTE ON FUNCTION buildings_to_zone(date) TO geo_service_app;

-- Zones of one plan, or, without one, those that hold on a date.
SELECT z.id, z.code, coalesce(z.name, z.code) AS name, z.plan_id, p.state AS plan_state, z.community_code,
       z.household_count AS households, z.building_count AS buildings,
       z.load, z.distance_m, z.patrol_m, z.compactness, z.locked,
       o.id AS post_id, n.name AS chief_name, n.work_phone,
       ST_XMin(z.geom) AS west, ST_YMin(z.geom) AS south, ST_XMax(z.geom) AS east, ST_YMax(z.geom) AS north,
       to_char(lower(u.effective), 'YYYY-MM-DD') AS effective_from
FROM zone z
JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[:area]
LEFT JOIN plan p ON p.id = z.plan_id
LEFT JOIN plan_publication u ON u.plan_id = z.plan_id AND u.community_code = z.community_code
LEFT JOIN LATERAL (
    SELECT o.id, o.person_code FROM post o
    WHERE o.zone_id = z.id AND o.rank = 'primary'
      AND (o.valid IS NULL OR CAST(:plan AS bigint) IS NOT NULL OR o.valid @> CAST(:on_date AS date))
    ORDER BY lower(o.valid) DESC NULLS LAST
    LIMIT 1
) AS o ON true
LEFT JOIN person n ON n.code = o.person_code
WHERE CASE WHEN CAST(:plan AS bigint) IS NULL
           THEN u.effective @> CAST(:on_date AS date)
           ELSE z.plan_id = :plan END
ORDER BY z.code, z.id

-- The zones of a plan, all or those of some codes, with their judgement, outline and primary chief (the post without
-- dates, or else the latest).
SELECT z.code, coalesce(z.name, z.code) AS name, z.community_code, z.locked, z.medoid_building_code AS medoid,
       z.household_count AS households, z.building_count, z.load, z.distance_m, z.patrol_m, z.span_m, z.compactness,
       z.stranded, z.barriers_crossed AS barriers, o.person_code AS chief,
       ST_AsGeoJSON(z.geom, 8, 0) AS geometry
FROM zone z
LEFT JOIN LATERAL (
    SELECT p.person_code FROM post p
    WHERE p.zone_id = z.id AND p.rank = 'primary'
    ORDER BY lower(p.valid) DESC NULLS FIRST
    LIMIT 1
) AS o ON true
WHERE z.plan_id = :plan AND (CAST(:codes AS text[]) IS NULL OR z.code = ANY(CAST(:codes AS text[])))
ORDER BY z.code

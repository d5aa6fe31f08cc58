-- The zones a plan has in an area, with the name of who serves them first (the post without dates, or else the latest).
SELECT z.code, coalesce(z.name, z.code) AS name, z.community_code, z.household_count AS households,
       z.building_count AS buildings, coalesce(z.load, z.household_count) AS load, z.distance_m, z.patrol_m,
       z.compactness, coalesce(z.stranded <> '{}', false) AS in_pieces,
       coalesce(z.barriers_crossed <> '{}', false) AS crosses_barrier, o.name AS chief
FROM zone z
JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN LATERAL (
    SELECT coalesce(n.name, p.person_code) AS name FROM post p LEFT JOIN person n ON n.code = p.person_code
    WHERE p.zone_id = z.id AND p.rank = 'primary'
    ORDER BY lower(p.valid) DESC NULLS FIRST
    LIMIT 1
) AS o ON true
WHERE z.plan_id = :plan
ORDER BY z.code

-- The zones of a plan, or one of them, each with its sentences and its buildings in walking order.
SELECT z.code, coalesce(z.name, z.code) AS name, z.community_code, z.household_count AS households,
       z.building_count AS buildings, z.load, z.distance_m, z.patrol_m, z.compactness, z.locked,
       z.medoid_building_code AS centre_building, p.parameters ->> 'limits' AS limits,
       coalesce(z.explanation, '[]') AS explanation,
       (SELECT jsonb_agg(jsonb_build_object(
                   'code', b.code, 'name', b.name, 'address', b.address, 'households', b.household_count,
                   'visit_order', m.visit_order) ORDER BY m.visit_order, b.code)
        FROM zone_member m JOIN building b ON b.code = m.building_code
        WHERE m.zone_id = z.id) AS walk
FROM zone z
JOIN plan p ON p.id = z.plan_id
WHERE z.plan_id = :plan AND (CAST(:zone AS text) IS NULL OR z.code = CAST(:zone AS text))
ORDER BY z.code

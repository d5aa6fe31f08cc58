-- The zones a plan has in one community, each with all that is needed to put it back; only posts without dates, as
-- those of drafts are.
SELECT z.code, coalesce(z.name, z.code) AS name, z.locked, z.medoid_building_code AS medoid,
       z.household_count AS households, z.load, z.distance_m, z.patrol_m, z.span_m, z.compactness, z.stranded,
       z.barriers_crossed AS barriers, z.visits_outdated, coalesce(z.explanation, '[]') AS explanation,
       held.buildings, held.visits,
       coalesce((SELECT jsonb_agg(jsonb_build_object('person', o.person_code, 'rank', o.rank,
                                                     'walk_distance_m', o.walk_distance_m) ORDER BY o.id)
                 FROM post o WHERE o.zone_id = z.id AND o.valid IS NULL), '[]') AS posts
FROM zone z
CROSS JOIN LATERAL (
    SELECT array_agg(m.building_code ORDER BY m.visit_order, m.building_code) AS buildings,
           array_agg(m.visit_order ORDER BY m.visit_order, m.building_code) AS visits
    FROM zone_member m WHERE m.zone_id = z.id
) AS held
WHERE z.plan_id = :plan AND z.community_code = :community
ORDER BY z.code

-- The zones of a plan in an area, with their members, outcomes and present chiefs, into a new draft.
WITH inside AS (
    SELECT z.* FROM zone z JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    WHERE z.plan_id = :plan
)
INSERT INTO zone (plan_id, code, name, community_code, household_count, building_count, medoid_building_code, locked,
                  load, distance_m, patrol_m, span_m, compactness, stranded, barriers_crossed, visits_outdated,
                  explanation, geom)
SELECT :copy, code, name, community_code, household_count, building_count, medoid_building_code, locked,
       load, distance_m, patrol_m, span_m, compactness, stranded, barriers_crossed, visits_outdated, explanation, geom
FROM inside

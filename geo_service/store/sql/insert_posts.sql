-- In a draft a post has no dates; where the plan is published it starts at once, not before the plan.
INSERT INTO post (zone_id, person_code, community_code, walk_distance_m, valid)
SELECT z.id, r.person, z.community_code, r.walk_distance_m,
       CASE WHEN u.plan_id IS NOT NULL
            THEN daterange(greatest(lower(u.effective), current_date), upper(u.effective)) END
FROM unnest(CAST(:zones AS bigint[]), CAST(:people AS text[]), CAST(:walk_distances_m AS double precision[]))
    AS r (zone_id, person, walk_distance_m)
JOIN zone z ON z.id = r.zone_id
LEFT JOIN plan_publication u ON u.plan_id = z.plan_id AND u.community_code = z.community_code
RETURNING id, zone_id

-- A draft's posts have no dates; of a published plan, those who serve now or will are taken over.
INSERT INTO post (zone_id, person_code, community_code, rank, walk_distance_m)
SELECT DISTINCT ON (n.id, o.rank, CASE WHEN o.rank = 'deputy' THEN o.person_code END)
       n.id, o.person_code, o.community_code, o.rank, o.walk_distance_m
FROM zone z
JOIN zone n ON n.plan_id = :copy AND n.code = z.code
JOIN post o ON o.zone_id = z.id AND coalesce(upper(o.valid) > current_date, true)
WHERE z.plan_id = :plan
ORDER BY n.id, o.rank, CASE WHEN o.rank = 'deputy' THEN o.person_code END, o.valid NULLS FIRST, o.id

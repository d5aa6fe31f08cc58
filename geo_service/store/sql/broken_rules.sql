-- Zones of some communities of a plan that break what a plan must keep to, and communities with buildings left over.
-- What is not known (plans drawn before it was kept) is not held against them.
SELECT broken.*, a.name AS community_name
FROM (
    SELECT z.community_code, z.code AS zone_code, z.load, cardinality(z.stranded) AS stranded,
           z.barriers_crossed AS barriers, CAST(NULL AS integer) AS unassigned
    FROM zone z
    WHERE z.plan_id = :plan AND z.community_code = ANY(CAST(:communities AS text[]))
      AND (z.load < :lo OR z.load > :hi OR z.stranded <> '{}' OR z.barriers_crossed <> '{}')
    UNION ALL
    SELECT o.community_code, NULL, NULL, NULL, NULL, o.unassigned
    FROM plan_outcome o
    WHERE o.plan_id = :plan AND o.community_code = ANY(CAST(:communities AS text[])) AND o.unassigned > 0
) AS broken
JOIN area a ON a.code = broken.community_code
ORDER BY community_code, zone_code NULLS LAST

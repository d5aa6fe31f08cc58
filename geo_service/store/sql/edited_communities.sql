-- The communities of a plan that an order is about, each with the versions of what its ground is drawn from.
SELECT a.code, a.name, access.ground_version(a.code) AS version, (SELECT metric_srid FROM deployment) AS srid
FROM area a
JOIN plan p ON p.id = :plan
WHERE a.kind = 'community' AND a.lineage @> ARRAY[p.area_code]
  AND a.code IN (
    SELECT z.community_code FROM zone z WHERE z.plan_id = :plan AND z.code = ANY(CAST(:zones AS text[]))
    UNION
    SELECT b.community_code FROM building b WHERE b.code = ANY(CAST(:buildings AS text[]))
    UNION
    SELECT CAST(:community AS text))
ORDER BY a.code

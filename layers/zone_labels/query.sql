SELECT z.code, coalesce(z.name, right(z.code, 3)) AS label, z.household_count AS households,
       ST_PointOnSurface(z.geom) AS geom, ST_PointOnSurface(z.geom_3857) AS geom_3857
FROM zone z
JOIN plan p ON p.id = z.plan_id
LEFT JOIN plan_publication pp ON pp.plan_id = z.plan_id AND pp.community_code = z.community_code
WHERE CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
           ELSE z.plan_id = CAST(:plan AS bigint) END
  AND (CAST(:area AS text) IS NULL OR z.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND z.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

-- A post has no place of its own, and where the person lives is private: it stands at the zone's middle building.
SELECT o.id::text AS code, p.name AS chief, o.rank, p.chief_role, z.code AS zone_code, z.name AS zone,
       o.community_code, a.name AS community, z.household_count AS households, z.building_count AS buildings,
       lower(o.valid) AS since, ST_PointOnSurface(coalesce(b.geom, z.geom)) AS geom,
       ST_PointOnSurface(coalesce(b.geom_3857, z.geom_3857)) AS geom_3857
FROM post o
JOIN person p ON p.code = o.person_code
JOIN zone z ON z.id = o.zone_id
LEFT JOIN plan_publication pp ON pp.plan_id = z.plan_id AND pp.community_code = z.community_code
LEFT JOIN building b ON b.code = z.medoid_building_code
LEFT JOIN area a ON a.code = o.community_code
WHERE (o.valid IS NULL OR o.valid @> CAST(:on AS date))
  AND CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
           ELSE z.plan_id = CAST(:plan AS bigint) END
  AND (CAST(:area AS text) IS NULL OR o.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND o.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

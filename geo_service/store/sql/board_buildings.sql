-- The buildings of a plan's area that are to be zoned on a day, and others it has in zones; one array a column.
WITH shown AS (
    SELECT b.code, b.community_code, b.household_count, b.geom, z.code AS zone_code
    FROM buildings_to_zone(:on_date) b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    LEFT JOIN zone_member m ON m.plan_id = :plan AND m.building_code = b.code
    LEFT JOIN zone z ON z.id = m.zone_id
    UNION ALL
    SELECT b.code, b.community_code, b.household_count, b.geom, z.code
    FROM zone_member m
    JOIN building b ON b.code = m.building_code
    JOIN zone z ON z.id = m.zone_id
    WHERE m.plan_id = :plan
      AND NOT EXISTS (SELECT FROM buildings_to_zone(:on_date) t WHERE t.code = m.building_code
                      AND t.community_code IN (SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))
)
SELECT coalesce(array_agg(s.code ORDER BY s.code), '{}') AS codes,
       coalesce(array_agg(s.community_code ORDER BY s.code), '{}') AS communities,
       coalesce(array_agg(coalesce(s.zone_code, '') ORDER BY s.code), '{}') AS zones,
       coalesce(array_agg(s.household_count ORDER BY s.code), '{}') AS households,
       coalesce(array_agg(round(ST_X(p.point)::numeric, 7)::double precision ORDER BY s.code), '{}') AS lon,
       coalesce(array_agg(round(ST_Y(p.point)::numeric, 7)::double precision ORDER BY s.code), '{}') AS lat
FROM shown s
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(s.geom) AS point) AS p

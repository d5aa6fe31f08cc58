-- The buildings of a plan's area that are to be zoned on a day, and others it has in zones; one array a column.
WITH to_zone AS MATERIALIZED (
    SELECT b.code, b.community_code, b.household_count, ST_PointOnSurface(b.geom) AS point
    FROM buildings_to_zone(:on_date) b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
), held AS MATERIALIZED (
    SELECT m.building_code AS code, z.code AS zone_code
    FROM zone_member m JOIN zone z ON z.id = m.zone_id
    WHERE m.plan_id = :plan
), shown AS MATERIALIZED (
    -- A full join is hashed or merged: nothing is known yet of how many rows a plan just made has.
    SELECT coalesce(t.code, h.code) AS code, coalesce(t.community_code, b.community_code) AS community_code,
           coalesce(t.household_count, b.household_count) AS household_count,
           coalesce(t.point, ST_PointOnSurface(b.geom)) AS point, coalesce(h.zone_code, '') AS zone_code
    FROM to_zone t
    FULL JOIN held h ON h.code = t.code
    LEFT JOIN building b ON t.code IS NULL AND b.code = h.code
    WHERE t.code IS NOT NULL OR b.code IS NOT NULL
    ORDER BY code
)
SELECT coalesce(array_agg(code), '{}') AS codes, coalesce(array_agg(community_code), '{}') AS communities,
       coalesce(array_agg(zone_code), '{}') AS zones, coalesce(array_agg(household_count), '{}') AS households,
       coalesce(array_agg(round(ST_X(point) * 1e7) / 1e7), '{}') AS lon,
       coalesce(array_agg(round(ST_Y(point) * 1e7) / 1e7), '{}') AS lat
FROM shown

-- Every building that either of two plans has in a zone of an area, with that zone; one array a column.
WITH held AS MATERIALIZED (
    SELECT m.plan_id, m.building_code, z.code AS zone_code
    FROM zone_member m
    JOIN zone z ON z.id = m.zone_id
    JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    WHERE m.plan_id IN (:a, :b)
), compared AS (
    SELECT building_code AS code, coalesce(min(zone_code) FILTER (WHERE plan_id = :a), '') AS zone_in_a,
           coalesce(min(zone_code) FILTER (WHERE plan_id = :b), '') AS zone_in_b
    FROM held
    GROUP BY building_code
)
SELECT coalesce(array_agg(c.code), '{}') AS codes, coalesce(array_agg(c.zone_in_a), '{}') AS zones_in_a,
       coalesce(array_agg(c.zone_in_b), '{}') AS zones_in_b,
       coalesce(array_agg(coalesce(b.household_count, 0)), '{}') AS households
FROM compared c
LEFT JOIN building b ON b.code = c.code

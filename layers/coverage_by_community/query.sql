-- Square metres are summed in hundredths, so that every rate is of exact counts.
SELECT c.code, c.name, c.kind, above.name AS parent,
       k.units, k.units_covered, k.units_covered::float8 / nullif(k.units, 0)::float8 AS units_rate,
       k.buildings, k.buildings_covered, k.buildings_covered::float8 / nullif(k.buildings, 0)::float8 AS buildings_rate,
       k.households, k.households_covered, k.households_covered::float8 / nullif(k.households, 0)::float8 AS households_rate,
       k.floor_area_dm2::float8 / 100 AS floor_area_m2, k.floor_area_dm2_covered::float8 / 100 AS floor_area_m2_covered,
       k.floor_area_dm2_covered::float8 / nullif(k.floor_area_dm2, 0)::float8 AS floor_area_m2_rate,
       c.geom, c.geom_3857
FROM area c
LEFT JOIN area above ON above.code = c.parent_code
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n.units), 0)::bigint AS units,
           coalesce(sum(n.units) FILTER (WHERE n.is_covered), 0)::bigint AS units_covered,
           coalesce(sum(n.buildings), 0)::bigint AS buildings,
           coalesce(sum(n.buildings) FILTER (WHERE n.is_covered), 0)::bigint AS buildings_covered,
           coalesce(sum(n.households), 0)::bigint AS households,
           coalesce(sum(n.households) FILTER (WHERE n.is_covered), 0)::bigint AS households_covered,
           coalesce(sum(n.floor_area_dm2), 0)::bigint AS floor_area_dm2,
           coalesce(sum(n.floor_area_dm2) FILTER (WHERE n.is_covered), 0)::bigint AS floor_area_dm2_covered
    FROM (
        SELECT e.*, e.state_id = ANY (CAST(:covered_states AS integer[])) AS is_covered
        FROM coverage_change e
        WHERE e.area_code = c.code AND e.day <= CAST(:on AS date)
          AND e.state_id = ANY (CAST(:base_states AS integer[]))
    ) AS n
) AS k
WHERE c.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

-- Counted once for the area asked about, or for every root of the tree.
SELECT c.code, c.name, s.name AS subdistrict,
       k.units, k.units_covered, k.units_covered::float8 / nullif(k.units, 0)::float8 AS units_rate,
       k.buildings, k.buildings_covered, k.buildings_covered::float8 / nullif(k.buildings, 0)::float8 AS buildings_rate,
       k.households, k.households_covered, k.households_covered::float8 / nullif(k.households, 0)::float8 AS households_rate,
       k.floor_area_m2::float8, k.floor_area_m2_covered::float8, k.floor_area_m2_covered::float8 / nullif(k.floor_area_m2, 0)::float8 AS floor_area_m2_rate,
       c.geom, c.geom_3857
FROM area top
CROSS JOIN LATERAL coverage_counts(top.code, CAST(:on AS date), CAST(:covered_steps AS text[])) AS k
JOIN area c ON c.code = k.community_code
LEFT JOIN area s ON s.code = c.parent_code
WHERE CASE WHEN CAST(:area AS text) IS NULL THEN top.parent_code IS NULL ELSE top.code = CAST(:area AS text) END
  AND c.valid @> CAST(:on AS date)

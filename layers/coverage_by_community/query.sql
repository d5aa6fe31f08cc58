-- Counted community by community, so that a tile counts only the communities it shows.
SELECT c.code, c.name, s.name AS subdistrict,
       k.units, k.units_covered, k.units_covered::float8 / nullif(k.units, 0)::float8 AS units_rate,
       k.buildings, k.buildings_covered, k.buildings_covered::float8 / nullif(k.buildings, 0)::float8 AS buildings_rate,
       k.households, k.households_covered, k.households_covered::float8 / nullif(k.households, 0)::float8 AS households_rate,
       k.floor_area_m2::float8, k.floor_area_m2_covered::float8, k.floor_area_m2_covered::float8 / nullif(k.floor_area_m2, 0)::float8 AS floor_area_m2_rate,
       c.geom, c.geom_3857
FROM area c
LEFT JOIN area s ON s.code = c.parent_code
CROSS JOIN LATERAL coverage_counts(c.code, CAST(:on AS date), CAST(:covered_steps AS text[])) AS k
WHERE c.kind = 'community'
  AND c.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

SELECT c.code, c.name, c.name_en, ST_PointOnSurface(c.geom) AS geom, ST_PointOnSurface(c.geom_3857) AS geom_3857
FROM area c
WHERE c.kind = 'community'
  AND c.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

SELECT c.code, c.name, c.name_en, c.parent_code, c.kind, c.geom, c.geom_3857
FROM area c
WHERE c.kind = 'county'
  AND c.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

SELECT c.code, c.name, c.name_en, s.name AS subdistrict, c.parent_code, c.kind, c.geom, c.geom_3857
FROM area c
LEFT JOIN area s ON s.code = c.parent_code
WHERE c.kind = 'community'
  AND c.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

SELECT s.code, s.name, s.name_en, s.subdistrict_kind AS kind, s.parent_code, s.is_civilized_unit,
       s.geom, s.geom_3857
FROM area s
WHERE s.kind = 'subdistrict'
  AND s.valid @> CAST(:on AS date)
  AND (CAST(:area AS text) IS NULL OR s.lineage @> ARRAY[CAST(:area AS text)])

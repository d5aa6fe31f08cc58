SELECT code, kind, subdistrict_kind, name, name_en, parent_code,
       ST_XMin(geom) AS west, ST_YMin(geom) AS south, ST_XMax(geom) AS east, ST_YMax(geom) AS north
FROM area
WHERE valid @> current_date
  AND (access.scope() = '*' OR lineage @> ARRAY[access.scope()])
ORDER BY cardinality(lineage), code

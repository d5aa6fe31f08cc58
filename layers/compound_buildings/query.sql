SELECT b.code, b.name, b.compound_code, b.storeys, b.household_count AS households,
       b.community_code, b.implementation_class, b.unit_count, b.floor_area_m2, b.built_year, b.address,
       b.baseline_unmanaged, b.geom, b.geom_3857
FROM building b
WHERE b.compound_code IS NOT NULL
  AND (CAST(:area AS text) IS NULL OR b.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND b.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

SELECT c.code, c.name, c.community_code, a.name AS community, c.implementation_class,
       coalesce(u.step, CASE WHEN c.baseline_unmanaged THEN 'uncovered' ELSE 'managed' END) AS status,
       u.form, u.covered, c.household_count AS households, c.building_count AS buildings,
       c.floor_area_m2, c.built_year, c.address, c.geom, c.geom_3857
FROM compound c
JOIN compound_status(CAST(:on AS date), CAST(:covered_steps AS text[])) AS u ON u.unit_code = c.code
LEFT JOIN area a ON a.code = c.community_code
WHERE (CAST(:area AS text) IS NULL OR c.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

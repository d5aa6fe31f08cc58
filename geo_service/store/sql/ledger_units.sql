-- Every management unit of an area as its ledger says it on a day, community by community.
WITH unit AS (
    SELECT 'compound' AS unit_kind, code, community_code, name, address, kind, implementation_class, building_count,
           household_count, floor_area_m2, land_area_m2, built_year, baseline_unmanaged, responsible_unit
    FROM compound
    UNION ALL
    SELECT 'building', code, community_code, coalesce(name, address, code), address, 'standalone',
           implementation_class, 1, household_count, floor_area_m2, NULL, built_year, baseline_unmanaged, NULL
    FROM building WHERE is_standalone
)
SELECT p.name AS subdistrict, a.name AS community, u.community_code, u.code, u.name, u.address, u.kind,
       u.implementation_class, u.building_count, u.household_count, u.floor_area_m2, u.land_area_m2, u.built_year,
       u.baseline_unmanaged, u.responsible_unit, r.form, r.step, lower(r.valid) AS service_from,
       coalesce(d.facts, '{}') AS facts, coalesce(d.details, '{}') AS details
FROM unit u
JOIN area a ON a.code = u.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN area p ON p.code = a.parent_code AND p.kind = 'subdistrict'
LEFT JOIN arrangement r ON r.unit_kind = u.unit_kind AND r.unit_code = u.code
     AND upper_inf(r.recorded) AND r.valid @> CAST(:on_date AS date)
LEFT JOIN unit_record d ON d.unit_kind = u.unit_kind AND d.unit_code = u.code
     AND upper_inf(d.recorded) AND d.valid @> CAST(:on_date AS date)
ORDER BY p.code, u.community_code, u.unit_kind DESC, u.code

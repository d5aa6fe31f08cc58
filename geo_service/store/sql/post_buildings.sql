SELECT b.code, b.name, b.address, b.household_count AS households, b.storeys, b.unit_count,
       ST_AsGeoJSON(b.geom, 7, 0)::jsonb AS geometry
FROM zone_member m
JOIN building b ON b.code = m.building_code
WHERE m.zone_id = :zone
ORDER BY b.code

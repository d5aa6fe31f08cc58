-- In walking order where the plan was drawn with one.
SELECT b.code, m.visit_order, b.name, b.address, b.household_count AS households, b.storeys, b.unit_count,
       ST_AsGeoJSON(b.geom, 7, 0)::jsonb AS geometry
FROM zone_member m
JOIN building b ON b.code = m.building_code
WHERE m.zone_id = :zone
ORDER BY m.visit_order NULLS LAST, b.code

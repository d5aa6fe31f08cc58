SELECT o.id, o.rank, to_char(lower(o.valid), 'YYYY-MM-DD') AS valid_from,
       to_char(upper(o.valid) - 1, 'YYYY-MM-DD') AS valid_to,
       n.name AS chief_name, n.work_phone, n.chief_role,
       z.id AS zone_id, z.code, coalesce(z.name, z.code) AS name,
       z.household_count AS households, z.building_count AS buildings, z.patrol_m,
       ST_XMin(z.geom) AS west, ST_YMin(z.geom) AS south, ST_XMax(z.geom) AS east, ST_YMax(z.geom) AS north,
       ST_AsGeoJSON(z.geom, 7, 0)::jsonb AS geometry
FROM post o
JOIN zone z ON z.id = o.zone_id
LEFT JOIN person n ON n.code = o.person_code
WHERE o.id = :post

-- Those to be zoned on a day, and others that are named.
SELECT b.code, b.name, b.household_count, b.floor_area_m2, ST_AsBinary(ST_Transform(b.geom, :srid)) AS wkb
FROM buildings_to_zone(:on_date) b
WHERE b.community_code = :community
UNION ALL
SELECT b.code, b.name, b.household_count, b.floor_area_m2, ST_AsBinary(ST_Transform(b.geom, :srid))
FROM building b
WHERE b.code = ANY(CAST(:others AS text[]))
ORDER BY code

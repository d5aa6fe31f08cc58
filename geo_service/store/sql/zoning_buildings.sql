SELECT b.code, b.name, b.household_count, b.floor_area_m2, ST_AsBinary(ST_Transform(b.geom, :srid)) AS wkb
FROM buildings_to_zone(:on_date) b
WHERE b.community_code = :community
ORDER BY b.code

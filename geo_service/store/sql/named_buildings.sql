-- Some buildings for people to find: name, address, households, community, and a point inside.
SELECT b.code, b.name, b.address, b.household_count AS households, b.community_code, a.name AS community_name,
       round(ST_X(point.at) * 1e7) / 1e7 AS lon, round(ST_Y(point.at) * 1e7) / 1e7 AS lat
FROM building b
JOIN area a ON a.code = b.community_code
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS at) AS point
WHERE b.code = ANY(:codes)

-- A point inside each building, in degrees.
SELECT b.code, ST_X(p.point) AS lon, ST_Y(p.point) AS lat
FROM building b
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point) AS p
WHERE b.code = ANY(CAST(:buildings AS text[]))

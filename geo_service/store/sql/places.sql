-- Where people live and buildings stand, in metres.
SELECT n.code, n.community_code, ST_X(c.point) AS x, ST_Y(c.point) AS y
FROM person n
CROSS JOIN LATERAL (SELECT ST_Transform(n.home, :srid) AS point) AS c
WHERE n.code = ANY(:codes)
UNION ALL
SELECT b.code, b.community_code, ST_X(c.point), ST_Y(c.point)
FROM building b
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Centroid(b.geom), :srid) AS point) AS c
WHERE b.code = ANY(:codes)

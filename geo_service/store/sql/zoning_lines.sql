-- The && is what the spatial index answers under row-level security (it is leakproof, ST_Intersects is not).
SELECT 'barrier' AS kind, ST_AsBinary(ST_Transform(b.geom, :srid)) AS wkb, b.code, coalesce(b.name, b.code) AS name
FROM barrier b JOIN area a ON b.geom && a.geom AND ST_Intersects(b.geom, a.geom)
WHERE a.code = :community
UNION ALL
SELECT w.kind, ST_AsBinary(ST_Transform(w.geom, :srid)), w.code, w.name
FROM walkway w JOIN area a ON w.geom && a.geom AND ST_Intersects(w.geom, a.geom)
WHERE a.code = :community
ORDER BY 1, 3

SELECT b.code, b.name, b.kind, b.geom, b.geom_3857
FROM barrier b
WHERE CAST(:area AS text) IS NULL OR EXISTS (
    SELECT FROM area a WHERE a.code = CAST(:area AS text) AND ST_Intersects(a.geom, b.geom))

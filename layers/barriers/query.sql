SELECT b.code, b.name, b.kind, b.geom, b.geom_3857
FROM barrier b
WHERE CAST(:area AS text) IS NULL OR ST_Intersects(
    b.geom, (SELECT a.geom FROM area a WHERE a.code = CAST(:area AS text)))

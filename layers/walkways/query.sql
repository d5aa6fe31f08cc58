SELECT w.code, w.name, w.kind, w.geom, w.geom_3857
FROM walkway w
WHERE CAST(:area AS text) IS NULL OR ST_Intersects(
    w.geom, (SELECT a.geom FROM area a WHERE a.code = CAST(:area AS text)))

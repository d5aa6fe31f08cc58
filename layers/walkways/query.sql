SELECT w.code, w.name, w.kind, w.geom, w.geom_3857
FROM walkway w
WHERE CAST(:area AS text) IS NULL OR EXISTS (
    SELECT FROM area a WHERE a.code = CAST(:area AS text) AND ST_Intersects(a.geom, w.geom))

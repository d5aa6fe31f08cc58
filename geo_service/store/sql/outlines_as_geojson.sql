-- Outlines in metres as the zones that are made of them will have them: GeoJSON in EPSG:4490.
SELECT o.code, ST_AsGeoJSON(ST_Multi(ST_Transform(ST_GeomFromWKB(o.outline, :srid), 4490)), 8, 0) AS geometry
FROM unnest(CAST(:codes AS text[]), CAST(:outlines AS bytea[])) AS o (code, outline)

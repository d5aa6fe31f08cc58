-- Zones that an edit founds, or puts back.
INSERT INTO zone (plan_id, code, name, community_code, household_count, building_count, medoid_building_code, locked,
                  load, distance_m, patrol_m, span_m, compactness, stranded, barriers_crossed, visits_outdated,
                  explanation, geom)
SELECT :plan, r.code, r.name, :community, r.households, r.building_count, r.medoid, r.locked, r.load, r.distance_m,
       r.patrol_m, r.span_m, r.compactness, r.stranded, r.barriers, r.visits_outdated, r.explanation,
       ST_Multi(ST_Transform(ST_GeomFromWKB(o.outline, :srid), 4490))
FROM jsonb_to_recordset(CAST(:zones AS jsonb)) AS r (
    code text, name text, locked boolean, medoid text, households integer, building_count integer, load integer,
    distance_m double precision, patrol_m double precision, span_m double precision, compactness double precision,
    stranded text[], barriers text[], visits_outdated boolean, explanation jsonb)
JOIN unnest(CAST(:codes AS text[]), CAST(:outlines AS bytea[])) AS o (code, outline) ON o.code = r.code
ORDER BY r.code
RETURNING id, code, ST_AsGeoJSON(geom, 8, 0) AS geometry

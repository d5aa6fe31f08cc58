-- Zones as they are after an edit; those without an outline keep the one they have. Each coordinate is transformed by
-- itself, so that borders two zones share stay shared.
UPDATE zone z SET
    name = r.name, household_count = r.households, building_count = r.building_count, medoid_building_code = r.medoid,
    locked = r.locked, load = r.load, distance_m = r.distance_m, patrol_m = r.patrol_m, span_m = r.span_m,
    compactness = r.compactness, stranded = r.stranded, barriers_crossed = r.barriers, visits_outdated = r.visits_outdated,
    explanation = r.explanation, geom = coalesce(ST_Multi(ST_Transform(ST_GeomFromWKB(o.outline, :srid), 4490)), z.geom)
FROM jsonb_to_recordset(CAST(:zones AS jsonb)) AS r (
    code text, name text, locked boolean, medoid text, households integer, building_count integer, load integer,
    distance_m double precision, patrol_m double precision, span_m double precision, compactness double precision,
    stranded text[], barriers text[], visits_outdated boolean, explanation jsonb)
JOIN unnest(CAST(:codes AS text[]), CAST(:outlines AS bytea[])) AS o (code, outline) ON o.code = r.code
WHERE z.plan_id = :plan AND z.community_code = :community AND z.code = r.code
RETURNING z.id, z.code, ST_AsGeoJSON(z.geom, 8, 0) AS geometry

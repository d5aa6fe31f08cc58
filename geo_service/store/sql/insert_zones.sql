-- Each coordinate is transformed by itself, so that borders two zones share stay shared.
INSERT INTO zone (plan_id, code, community_code, household_count, building_count, medoid_building_code, geom)
SELECT :plan, r.code, r.community, r.households, r.buildings, r.medoid,
       ST_Multi(ST_Transform(ST_GeomFromWKB(r.outline, :srid), 4490))
FROM unnest(CAST(:codes AS text[]), CAST(:communities AS text[]), CAST(:households AS integer[]),
            CAST(:buildings AS integer[]), CAST(:medoids AS text[]), CAST(:outlines AS bytea[]))
    AS r (code, community, households, buildings, medoid, outline)
RETURNING id, code, community_code, household_count, building_count

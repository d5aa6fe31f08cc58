-- Each coordinate is transformed by itself, so that borders two zones share stay shared.
INSERT INTO zone (plan_id, code, name, community_code, household_count, building_count, medoid_building_code, locked,
                  load, distance_m, patrol_m, compactness, explanation, span_m, stranded, barriers_crossed, geom)
SELECT :plan, r.code, r.name, r.community, r.households, r.buildings, r.medoid, r.locked,
       r.load, r.distance_m, r.patrol_m, r.compactness, CAST(r.explanation AS jsonb),
       r.span_m, ARRAY(SELECT jsonb_array_elements_text(CAST(r.stranded AS jsonb))),
       ARRAY(SELECT jsonb_array_elements_text(CAST(r.barriers AS jsonb))),
       ST_Multi(ST_Transform(ST_GeomFromWKB(r.outline, :srid), 4490))
FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:communities AS text[]),
            CAST(:households AS integer[]), CAST(:buildings AS integer[]), CAST(:medoids AS text[]),
            CAST(:locked AS boolean[]), CAST(:loads AS integer[]), CAST(:distances_m AS double precision[]),
            CAST(:patrols_m AS double precision[]), CAST(:compactnesses AS double precision[]),
            CAST(:explanations AS text[]), CAST(:spans_m AS double precision[]), CAST(:stranded AS text[]),
            CAST(:barriers AS text[]), CAST(:outlines AS bytea[]))
    AS r (code, name, community, households, buildings, medoid, locked, load, distance_m, patrol_m, compactness,
          explanation, span_m, stranded, barriers, outline)
RETURNING id, code

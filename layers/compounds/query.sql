-- The type is what the classification of the deployment's profile says; place 0 is no type of that profile.
-- OFFSET 0: the state, of which there is one at most, is looked up for the compounds shown, and for no others;
-- one of which nobody has said anything has none, and its row tells all there is to tell.
SELECT c.code, c.name, c.community_code, (SELECT a.name FROM area a WHERE a.code = c.community_code) AS community,
       of_profile.type, coalesce(array_position(CAST(:type_keys AS text[]), of_profile.type), 0) AS type_place,
       c.implementation_class,
       coalesce(s.step, CASE WHEN c.baseline_unmanaged THEN 'uncovered' ELSE 'managed' END) AS status,
       s.form, coalesce(u.state_id = ANY (CAST(:covered_states AS integer[])), false) AS covered,
       c.household_count AS households, c.building_count AS buildings,
       c.floor_area_m2, c.built_year, c.address,
       c.kind, c.responsible_unit, c.land_area_m2, c.baseline_unmanaged, c.geom, c.geom_3857
FROM compound c
LEFT JOIN LATERAL (
    SELECT h.state_id
    FROM unit_line h
    WHERE h.unit_kind = 'compound' AND h.community_code = c.community_code AND h.unit_code = c.code
      AND h.known_to = 'infinity'
      AND h.valid_from <= CAST(:on AS date) AND h.valid_to > CAST(:on AS date)
    OFFSET 0
) AS u ON true
LEFT JOIN unit_state s ON s.id = u.state_id
CROSS JOIN LATERAL (
    SELECT CASE CAST(:type_fact AS text) WHEN 'implementation_class'
                THEN lower(CASE WHEN u.state_id IS NULL THEN c.implementation_class ELSE s.implementation_class END)
                ELSE s.facts ->> CAST(:type_fact AS text) END AS type
) AS of_profile
WHERE (CAST(:area AS text) IS NULL OR c.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND c.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

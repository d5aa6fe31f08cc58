SELECT c.code, c.name, c.community_code, a.name AS community, c.implementation_class,
       coalesce(s.step, CASE WHEN c.baseline_unmanaged THEN 'uncovered' ELSE 'managed' END) AS status,
       s.form, coalesce(u.state_id = ANY (CAST(:covered_states AS integer[])), false) AS covered,
       c.household_count AS households, c.building_count AS buildings,
       c.floor_area_m2, c.built_year, c.address, c.geom, c.geom_3857
FROM compound c
LEFT JOIN unit_line u ON u.unit_kind = 'compound' AND u.community_code = c.community_code AND u.unit_code = c.code
     AND u.known_to = 'infinity'
     AND u.valid_from <= CAST(:on AS date) AND u.valid_to > CAST(:on AS date)
LEFT JOIN unit_state s ON s.id = u.state_id
LEFT JOIN area a ON a.code = c.community_code
WHERE (CAST(:area AS text) IS NULL OR c.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

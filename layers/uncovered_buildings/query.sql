-- A building is as covered as its management unit: its compound, or itself where it stands alone.
SELECT b.code, b.name, b.community_code, a.name AS community, b.compound_code, c.name AS compound,
       coalesce(s.step, 'uncovered') AS status, b.household_count AS households, b.storeys, b.address,
       b.geom, b.geom_3857
FROM building b
LEFT JOIN compound c ON c.code = b.compound_code
JOIN unit_history u ON u.unit_kind = CASE WHEN b.is_standalone THEN 'building' ELSE 'compound' END
     AND u.community_code = coalesce(c.community_code, b.community_code)
     AND u.unit_code = coalesce(b.compound_code, b.code)
     AND u.known_to = 'infinity'
     AND u.valid_from <= CAST(:on AS date) AND u.valid_to > CAST(:on AS date)
JOIN unit_state s ON s.id = u.state_id
LEFT JOIN area a ON a.code = b.community_code
WHERE u.state_id = ANY (CAST(:base_states AS integer[]))
  AND NOT u.state_id = ANY (CAST(:covered_states AS integer[]))
  AND (CAST(:area AS text) IS NULL OR b.community_code = ANY (ARRAY(
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)])))

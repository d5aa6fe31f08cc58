-- A building is as covered as its management unit: its compound, or itself where it stands alone.
-- :communities are those of :area where they are few: the database knows then how many rows it will read, and that
-- reading them all is quicker than reading on in the order of keys until a page is full.
-- OFFSET 0: the unit and its state are looked up for the buildings shown, and for no others.
SELECT b.code, b.name, b.community_code, (SELECT a.name FROM area a WHERE a.code = b.community_code) AS community,
       b.compound_code, unit.compound, coalesce(s.step, 'uncovered') AS status,
       b.household_count AS households, b.storeys, b.address, b.geom, b.geom_3857
FROM building b
CROSS JOIN LATERAL (
    SELECT 'building' AS kind, b.community_code, b.code, NULL AS compound
    WHERE b.compound_code IS NULL
    UNION ALL
    SELECT 'compound', c.community_code, c.code, c.name
    FROM compound c
    WHERE c.code = b.compound_code
    OFFSET 0
) AS unit
CROSS JOIN LATERAL (
    SELECT h.state_id
    FROM unit_history() h
    WHERE h.unit_kind = unit.kind AND h.community_code = unit.community_code AND h.unit_code = unit.code
      AND h.known_to = 'infinity'
      AND h.valid_from <= CAST(:on AS date) AND h.valid_to > CAST(:on AS date)
    OFFSET 0
) AS u
JOIN unit_state s ON s.id = u.state_id
WHERE u.state_id = ANY (CAST(:base_states AS integer[]))
  AND NOT u.state_id = ANY (CAST(:covered_states AS integer[]))
  AND (CAST(:area AS text) IS NULL OR b.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND b.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

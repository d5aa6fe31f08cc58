-- Every body of an area and of its units; where a day is given, those that are there on it.
SELECT g.id, g.kind, g.name, g.unit_kind, g.unit_code, coalesce(c.name, b.name) AS unit_name, g.community_code,
       g.founded_on, g.dissolved_on, g.filing_number, g.recorded_by, lower(g.recorded) AS recorded_at
FROM governance_body g
JOIN area a ON a.code = g.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN compound c ON g.unit_kind = 'compound' AND c.code = g.unit_code
LEFT JOIN building b ON g.unit_kind = 'building' AND b.code = g.unit_code
WHERE upper_inf(g.recorded)
  AND (CAST(:on_date AS date) IS NULL
       OR (g.founded_on <= CAST(:on_date AS date) AND coalesce(g.dissolved_on > CAST(:on_date AS date), true)))
ORDER BY g.community_code, g.unit_code NULLS FIRST, g.founded_on, g.id

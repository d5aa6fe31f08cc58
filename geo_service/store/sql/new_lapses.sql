-- Units of an area that came to be without management between two days, both included, as known at a moment.
WITH known_line AS (
    SELECT h.*
    FROM unit_line h
    JOIN area a ON a.code = h.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    WHERE h.state_id = ANY (CAST(:lapsed AS integer[]))
      AND CASE WHEN CAST(:known AS timestamptz) IS NULL THEN h.known_to = 'infinity'
               ELSE h.known_from <= CAST(:known AS timestamptz) AND h.known_to > CAST(:known AS timestamptz) END
)
SELECT n.unit_kind AS kind, n.unit_code AS code, coalesce(c.name, b.name) AS name, n.community_code,
       n.valid_from AS lapsed_on
FROM known_line n
LEFT JOIN compound c ON n.unit_kind = 'compound' AND c.code = n.unit_code
LEFT JOIN building b ON n.unit_kind = 'building' AND b.code = n.unit_code
WHERE n.valid_from BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND NOT EXISTS (
      SELECT FROM known_line p
      WHERE p.unit_kind = n.unit_kind AND p.unit_code = n.unit_code AND p.valid_to = n.valid_from)
ORDER BY n.valid_from, n.unit_code

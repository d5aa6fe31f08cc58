-- The rows of a report and, where a row has no area of its own, the communities that make it up.
SELECT CASE WHEN :by = 'community' THEN c.code ELSE coalesce(s.code, c.parent_code, c.code) END AS code,
       CASE WHEN :by = 'community' THEN c.name ELSE coalesce(s.name, above.name, c.name) END AS name,
       CASE WHEN :by = 'community' THEN c.code ELSE coalesce(s.code, c.code) END AS summed
FROM area c
LEFT JOIN area s ON s.kind = 'subdistrict' AND s.code = ANY (c.lineage)
LEFT JOIN area above ON above.code = c.parent_code
WHERE c.kind = 'community' AND c.lineage @> ARRAY[CAST(:area AS text)]
GROUP BY 1, 2, 3
ORDER BY 1, 3

-- The rows of a report, and the area whose sums make up each: a sub-district's own, and for communities that lie
-- under none the communities', which go to what they lie under.
SELECT a.code, a.name, a.code AS summed
FROM area a
WHERE a.kind = :by AND a.lineage @> ARRAY[CAST(:area AS text)]
UNION ALL
SELECT coalesce(p.code, c.code), coalesce(p.name, c.name), c.code
FROM area c
LEFT JOIN area p ON p.code = c.parent_code
WHERE :by = 'subdistrict' AND c.kind = 'community' AND c.lineage @> ARRAY[CAST(:area AS text)]
  AND p.kind IS DISTINCT FROM 'subdistrict'
ORDER BY 1, 3

SELECT d.day, a.code, a.name,
       coalesce(s.code, a.parent_code, a.code) AS subdistrict_code,
       coalesce(s.name, above.name, a.name) AS subdistrict_name, c.*
FROM unnest(CAST(:days AS date[])) AS d (day)
CROSS JOIN LATERAL coverage_counts(:area, d.day, :steps) c
JOIN area a ON a.code = c.community_code
LEFT JOIN area s ON s.kind = 'subdistrict' AND s.code = ANY (a.lineage)
LEFT JOIN area above ON above.code = a.parent_code
ORDER BY d.day, a.code

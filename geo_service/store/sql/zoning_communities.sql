SELECT a.code, a.name, count(b.code)
FROM area a
LEFT JOIN buildings_to_zone(:on_date) b ON b.community_code = a.code
WHERE a.kind = 'community' AND a.lineage @> ARRAY[:area]
GROUP BY a.code
ORDER BY a.code

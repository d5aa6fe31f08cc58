SELECT DISTINCT u.plan_id
FROM plan_publication u
JOIN area a ON a.code = u.community_code
WHERE a.lineage @> ARRAY[:area] AND u.effective @> CAST(:on_date AS date)
ORDER BY u.plan_id

SELECT p.id, p.revision, count(*) AS communities
FROM plan_publication u
JOIN plan p ON p.id = u.plan_id
JOIN area a ON a.code = u.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
WHERE u.effective @> CAST(:on_date AS date)
GROUP BY p.id, p.revision
ORDER BY p.id

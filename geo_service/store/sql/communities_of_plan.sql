SELECT z.community_code, lower(u.effective) AS published_from
FROM zone z
JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[:area]
LEFT JOIN plan_publication u ON u.plan_id = z.plan_id AND u.community_code = z.community_code
WHERE z.plan_id = :plan
GROUP BY z.community_code, u.effective
ORDER BY z.community_code

SELECT z.community_code,
       EXISTS (SELECT FROM plan_publication u
               WHERE u.plan_id = :plan AND u.community_code = z.community_code) AS published
FROM zone z
JOIN area a ON a.code = z.community_code AND a.lineage @> ARRAY[:area]
WHERE z.plan_id = :plan
GROUP BY z.community_code
ORDER BY z.community_code

SELECT a.code, a.name, count(z.id), sum(z.household_count),
       (SELECT e.plan_id FROM plan_publication e
        WHERE e.community_code = a.code AND upper(e.effective) = :from_date),
       coalesce(array_agg(z.code ORDER BY z.code) FILTER (WHERE NOT EXISTS (
           SELECT FROM post o WHERE o.zone_id = z.id AND o.rank = 'primary')), '{}')
FROM area a
JOIN zone z ON z.community_code = a.code AND z.plan_id = :plan
WHERE a.code = ANY(:communities)
GROUP BY a.code
ORDER BY a.code

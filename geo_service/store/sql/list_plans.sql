SELECT p.id, p.name, p.area_code, p.state, p.revision, p.parent_id, p.created_by,
       to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS created_at,
       p.parameters ->> 'limits' AS limits, (p.parameters ->> 'seed')::bigint AS seed,
       size.zones, size.households, size.buildings, size.without_chief,
       coalesce(p.findings -> 'infeasible', '[]') AS infeasible,
       coalesce(p.findings -> 'findings', '[]') AS findings,
       publications.list AS publications
FROM plan p
JOIN area a ON a.code = p.area_code
CROSS JOIN LATERAL (
    SELECT count(*) AS zones, coalesce(sum(z.household_count), 0) AS households,
           coalesce(sum(z.building_count), 0) AS buildings,
           count(*) FILTER (WHERE NOT EXISTS (
               SELECT FROM post o WHERE o.zone_id = z.id AND o.rank = 'primary')) AS without_chief
    FROM zone z WHERE z.plan_id = p.id
) AS size
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'community_code', u.community_code,
               'from', lower(u.effective), 'to', upper(u.effective) - 1) ORDER BY u.community_code), '[]') AS list
    FROM plan_publication u WHERE u.plan_id = p.id
) AS publications
WHERE /* condition */
ORDER BY p.id DESC

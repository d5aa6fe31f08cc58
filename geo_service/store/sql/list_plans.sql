-- The gap of a plan is that of its communities' sums, where every zoned community has its bound.
SELECT p.id, p.name, p.area_code, p.state, p.revision, p.parent_id, p.created_by,
       to_char(p.created_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS created_at,
       p.parameters ->> 'limits' AS limits, (p.parameters ->> 'seed')::bigint AS seed,
       size.zones, size.households, size.buildings, size.without_chief,
       figures.distance_m, figures.patrol_m, figures.objective_m, figures.lower_bound_m,
       CASE WHEN figures.objective_m <= figures.lower_bound_m THEN 0
            WHEN figures.lower_bound_m > 0
            THEN 100 * (figures.objective_m - figures.lower_bound_m) / figures.lower_bound_m END AS gap_percent,
       figures.infeasible,
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
    SELECT sum(o.distance_m) AS distance_m, sum(o.patrol_m) AS patrol_m,
           CASE WHEN count(*) FILTER (WHERE o.zones > 0 AND o.objective_m IS NULL) = 0
                THEN sum(o.objective_m) END AS objective_m,
           CASE WHEN count(*) FILTER (WHERE o.zones > 0 AND o.lower_bound_m IS NULL) = 0
                THEN sum(o.lower_bound_m) END AS lower_bound_m,
           coalesce(jsonb_agg(o.infeasible ORDER BY o.community_code) FILTER (WHERE o.zones = 0 AND o.infeasible IS NOT NULL),
                    '[]') AS infeasible
    FROM plan_outcome o WHERE o.plan_id = p.id
) AS figures
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'community_code', u.community_code,
               'from', lower(u.effective), 'to', upper(u.effective) - 1) ORDER BY u.community_code), '[]') AS list
    FROM plan_publication u WHERE u.plan_id = p.id
) AS publications
WHERE /* condition */
ORDER BY p.id DESC

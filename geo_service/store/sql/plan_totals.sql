-- Sums over the zones of a plan, and the loads behind them; cost grows with the zones, never with the buildings.
SELECT count(*) AS zones, coalesce(sum(z.household_count), 0) AS households,
       coalesce(sum(z.building_count), 0) AS buildings, sum(z.distance_m) AS distance_m, sum(z.patrol_m) AS patrol_m,
       coalesce(array_agg(l.load), '{}') AS loads,
       coalesce(array_agg(z.code ORDER BY z.code) FILTER (WHERE l.load < :lowest), '{}') AS under,
       coalesce(array_agg(z.code ORDER BY z.code) FILTER (WHERE l.load > :highest), '{}') AS over,
       coalesce(array_agg(z.code ORDER BY z.code) FILTER (WHERE z.stranded <> '{}'), '{}') AS in_pieces,
       coalesce(array_agg(z.code ORDER BY z.code) FILTER (WHERE z.barriers_crossed <> '{}'), '{}') AS crossing,
       (SELECT coalesce(sum(o.unassigned), 0) FROM plan_outcome o WHERE o.plan_id = :plan) AS unassigned
FROM zone z
CROSS JOIN LATERAL (SELECT coalesce(z.load, z.household_count) AS load) AS l
WHERE z.plan_id = :plan

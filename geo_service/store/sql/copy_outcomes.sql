INSERT INTO plan_outcome (plan_id, community_code, zones, distance_m, patrol_m, imbalance, border_pairs, objective_m,
                          lower_bound_m, infeasible, unassigned)
SELECT :copy, o.community_code, o.zones, o.distance_m, o.patrol_m, o.imbalance, o.border_pairs, o.objective_m,
       o.lower_bound_m, o.infeasible, o.unassigned
FROM plan_outcome o
JOIN area a ON a.code = o.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
WHERE o.plan_id = :plan

INSERT INTO plan_outcome (plan_id, community_code, zones, distance_m, patrol_m, imbalance, border_pairs,
                          objective_m, lower_bound_m, infeasible, unassigned)
SELECT :plan, r.community, r.zones, r.distance_m, r.patrol_m, r.imbalance, r.border_pairs,
       r.objective_m, r.lower_bound_m, CAST(r.infeasible AS jsonb), r.unassigned
FROM unnest(CAST(:communities AS text[]), CAST(:zones AS integer[]), CAST(:distances_m AS double precision[]),
            CAST(:patrols_m AS double precision[]), CAST(:imbalances AS double precision[]),
            CAST(:border_pairs AS integer[]), CAST(:objectives_m AS double precision[]),
            CAST(:lower_bounds_m AS double precision[]), CAST(:infeasible AS text[]),
            CAST(:unassigned AS integer[]))
    AS r (community, zones, distance_m, patrol_m, imbalance, border_pairs, objective_m, lower_bound_m, infeasible,
          unassigned)

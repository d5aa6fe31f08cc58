INSERT INTO plan_outcome (plan_id, community_code, zones, distance_m, patrol_m, imbalance, border_pairs, objective_m,
                          lower_bound_m, unassigned)
VALUES (:plan, :community, :zones, :distance_m, :patrol_m, :imbalance, :border_pairs, :objective_m, :lower_bound_m,
        :unassigned)

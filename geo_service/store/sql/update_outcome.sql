UPDATE plan_outcome SET
    zones = :zones, distance_m = :distance_m, patrol_m = :patrol_m, imbalance = :imbalance,
    border_pairs = :border_pairs, objective_m = :objective_m, lower_bound_m = :lower_bound_m, unassigned = :unassigned
WHERE plan_id = :plan AND community_code = :community

INSERT INTO plan_outcome (plan_id, community_code, zones, distance_m, patrol_m, imbalance, border_pairs, objective_m,
                          lower_bound_m, unassigned)
VALUES (:plan, :community, :zones, :distance_m, :patrol_m, :imbalance, :border_pairs, :objective_m, :lower_bound_m,
        :unassigned)
ON CONFLICT (plan_id, community_code) DO UPDATE SET
    zones = excluded.zones, distance_m = excluded.distance_m, patrol_m = excluded.patrol_m,
    imbalance = excluded.imbalance, border_pairs = excluded.border_pairs, objective_m = excluded.objective_m,
    lower_bound_m = excluded.lower_bound_m, unassigned = excluded.unassigned

-- Of one plan, or, without one, of the plans that hold on a date; only communities of the area that have zones.
SELECT o.plan_id, o.community_code, o.zones, o.distance_m, o.patrol_m, o.imbalance, o.border_pairs,
       o.objective_m, o.lower_bound_m, o.gap_percent
FROM plan_outcome o
JOIN area a ON a.code = o.community_code AND (CAST(:area AS text) IS NULL OR a.lineage @> ARRAY[CAST(:area AS text)])
LEFT JOIN plan_publication u ON u.plan_id = o.plan_id AND u.community_code = o.community_code
WHERE o.zones > 0
  AND CASE WHEN CAST(:plan AS bigint) IS NULL THEN u.effective @> CAST(:on_date AS date) ELSE o.plan_id = :plan END
ORDER BY o.community_code

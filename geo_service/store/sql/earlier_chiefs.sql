-- Who serves a building of a zone already: by a running post, or by an undated one of this same plan.
SELECT DISTINCT m.zone_id, o.person_code
FROM zone_member m
JOIN zone_member e ON e.building_code = m.building_code
JOIN post o ON o.zone_id = e.zone_id AND o.rank = 'primary'
WHERE m.plan_id = :plan
  AND CASE WHEN o.valid IS NULL THEN e.plan_id = :plan ELSE coalesce(upper(o.valid) > current_date, true) END

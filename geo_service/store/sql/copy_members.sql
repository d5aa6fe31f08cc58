INSERT INTO zone_member (plan_id, building_code, zone_id, community_code, visit_order)
SELECT :copy, m.building_code, n.id, m.community_code, m.visit_order
FROM zone_member m
JOIN zone z ON z.id = m.zone_id
JOIN zone n ON n.plan_id = :copy AND n.code = z.code
WHERE m.plan_id = :plan

-- The joins drop what is no longer true of a building; the caller compares the count.
INSERT INTO zone_member (plan_id, building_code, zone_id, community_code, visit_order)
SELECT :plan, b.code, z.id, z.community_code, r.visit_order
FROM unnest(CAST(:zones AS bigint[]), CAST(:buildings AS text[]), CAST(:visit_orders AS integer[]))
    AS r (zone_id, building_code, visit_order)
JOIN zone z ON z.id = r.zone_id
JOIN building b ON b.code = r.building_code AND b.community_code = z.community_code AND b.is_standalone

-- Buildings that are in a zone of the plan already, into the zones and places in the walk where they belong now.
UPDATE zone_member m SET zone_id = r.zone_id, visit_order = r.visit_order
FROM unnest(CAST(:buildings AS text[]), CAST(:zones AS bigint[]), CAST(:visit_orders AS integer[]))
    AS r (building_code, zone_id, visit_order)
WHERE m.plan_id = :plan AND m.building_code = r.building_code

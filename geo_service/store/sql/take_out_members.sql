DELETE FROM zone_member WHERE plan_id = :plan AND building_code = ANY(CAST(:buildings AS text[]))

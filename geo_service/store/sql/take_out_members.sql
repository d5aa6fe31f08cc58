-- Found by the buildings, as in move_members.sql.
DELETE FROM zone_member WHERE plan_id + 0 = :plan AND building_code = ANY(CAST(:buildings AS text[]))

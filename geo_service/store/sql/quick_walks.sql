SELECT DISTINCT community_code FROM zone WHERE plan_id = :plan AND walk_is_quick ORDER BY community_code

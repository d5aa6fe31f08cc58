SELECT DISTINCT community_code FROM zone WHERE plan_id = :plan AND visits_outdated ORDER BY community_code

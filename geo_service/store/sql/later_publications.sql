SELECT community_code FROM plan_publication
WHERE community_code = ANY(:communities) AND lower(effective) >= :from_date
ORDER BY community_code

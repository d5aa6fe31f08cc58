UPDATE plan_publication SET effective = daterange(lower(effective), :from_date)
WHERE community_code = ANY(:communities) AND effective @> CAST(:from_date AS date)

-- The communities whose zones were edited after a revision.
SELECT e.community_code FROM plan_edit e
WHERE e.plan_id = :plan AND e.revision > :revision AND e.inverse IS NOT NULL AND e.community_code IS NOT NULL
UNION
SELECT jsonb_object_keys(e.inverse -> 'communities') FROM plan_edit e
WHERE e.plan_id = :plan AND e.revision > :revision AND e.inverse IS NOT NULL AND e.community_code IS NULL

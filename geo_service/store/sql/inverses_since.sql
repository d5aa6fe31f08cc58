-- For each zone of a plan that was edited after a revision, what it was at that revision: what the first edit since
-- then would put back. Outcomes of communities likewise.
SELECT e.community_code, e.inverse FROM plan_edit e
WHERE e.plan_id = :plan AND e.revision > :revision AND e.inverse IS NOT NULL
ORDER BY e.number

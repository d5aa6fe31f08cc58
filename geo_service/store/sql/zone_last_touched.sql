-- Who last touched a zone that is no more.
SELECT e.actor, e.number FROM plan_edit e
WHERE e.plan_id = :plan AND e.zones @> ARRAY[CAST(:zone AS text)]
ORDER BY e.number DESC LIMIT 1

-- Those of a plan that wait for their end, by id: of one actor one at most.
SELECT id, actor FROM plan_proposal
WHERE plan_id = :plan AND state IN ('running', 'done')
  AND changed_at > clock_timestamp() - make_interval(days => :kept_days)
ORDER BY id

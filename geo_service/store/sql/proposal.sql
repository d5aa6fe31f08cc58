-- One proposal of a plan, with its answer as it was written. Whoever works on one says so every second: where nobody
-- has for long, the server that did is gone. None is read that is past its time.
SELECT id, plan_id, revision, actor, asked, state, stage, done, total, problem,
       to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS created_at,
       to_char(changed_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS changed_at,
       state = 'running' AND heartbeat < clock_timestamp() - make_interval(secs => :lost_after_s) AS is_lost,
       CAST(answer -> 'report' AS text) AS report
FROM plan_proposal
WHERE plan_id = :plan AND id = :proposal
  AND changed_at > clock_timestamp() - make_interval(days => :kept_days)

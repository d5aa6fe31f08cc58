-- One more row of a plan's history, and one more revision of the plan unless that is counted already. Once all of it
-- is committed, those who follow the plan are told (store/notices.py).
WITH counted AS (
    UPDATE plan SET revision = revision + 1 WHERE id = :plan AND :counts RETURNING id, area_code, revision
), plan_now AS (
    SELECT * FROM counted
    UNION ALL
    SELECT id, area_code, revision FROM plan WHERE id = :plan AND NOT :counts
), newest AS (
    SELECT p.*, coalesce(e.number, 0) + 1 AS number, e.stands, e.again
    FROM plan_now p
    LEFT JOIN LATERAL (SELECT number, stands, again FROM plan_edit
                       WHERE plan_id = p.id ORDER BY number DESC LIMIT 1) AS e ON true
)
INSERT INTO plan_edit (plan_id, number, area_code, revision, kind, community_code, zones, buildings, edit, inverse,
                       of_number, stands, again)
SELECT n.id, n.number, n.area_code, n.revision, r.kind, CAST(:community AS text), CAST(:zones AS text[]), :buildings,
       CAST(:edit AS jsonb), CAST(:inverse AS jsonb), r.of_number,
       CASE WHEN r.kind = 'undo'
            THEN (SELECT e.stands FROM plan_edit e WHERE e.plan_id = n.id AND e.number = r.of_number - 1)
            WHEN r.kind = 'redo' THEN r.of_number
            WHEN CAST(:inverse AS text) IS NOT NULL THEN n.number
            ELSE n.stands END,
       CASE WHEN r.kind = 'undo' THEN r.of_number
            WHEN r.kind = 'redo'
            THEN (SELECT e.again FROM plan_edit e
                  WHERE e.plan_id = n.id
                    AND e.number = (SELECT max(u.number) - 1 FROM plan_edit u
                                    WHERE u.plan_id = n.id AND u.of_number = r.of_number AND u.kind = 'undo'))
            WHEN CAST(:inverse AS text) IS NULL THEN n.again END
FROM newest n
CROSS JOIN (SELECT CAST(:kind AS text) AS kind, CAST(:of_number AS integer) AS of_number) AS r
RETURNING number, revision, stands, again, pg_notify('plan_changed', CAST(plan_id AS text))

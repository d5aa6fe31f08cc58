-- One more row of a plan's history, and one more revision of the plan.
WITH plan_now AS (
    UPDATE plan SET revision = revision + 1 WHERE id = :plan RETURNING id, area_code, revision
)
INSERT INTO plan_edit (plan_id, number, area_code, revision, kind, community_code, zones, buildings, edit, inverse,
                       of_number)
SELECT p.id, 1 + coalesce((SELECT max(e.number) FROM plan_edit e WHERE e.plan_id = p.id), 0), p.area_code, p.revision,
       :kind, CAST(:community AS text), CAST(:zones AS text[]), :buildings, CAST(:edit AS jsonb),
       CAST(:inverse AS jsonb), CAST(:of_number AS integer)
FROM plan_now p
RETURNING number, revision

-- Rows of a plan's history, newest first: without their inverses, and with the name and kind of what they are about.
SELECT e.number, e.revision, e.actor, e.role, to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM') AS at, e.kind,
       e.community_code, a.name AS community_name, e.zones, e.buildings, e.edit, e.of_number, o.kind AS of_kind, o.edit AS of_edit,
       e.of_number IS NULL AND e.inverse IS NOT NULL
         AND (SELECT count(*) FROM plan_edit t WHERE t.plan_id = :plan AND t.of_number = e.number) % 2 = 1
         AS is_taken_back
FROM plan_edit e
LEFT JOIN area a ON a.code = e.community_code
LEFT JOIN plan_edit o ON o.plan_id = e.plan_id AND o.number = e.of_number
WHERE e.plan_id = :plan AND e.revision > :after_revision
  AND (CAST(:before AS integer) IS NULL OR e.number < CAST(:before AS integer))
ORDER BY e.number DESC
LIMIT :most

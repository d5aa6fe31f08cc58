-- Codes that zones of a community have, or had, in a plan or in the plan it continues.
SELECT z.code FROM zone z
WHERE z.community_code = :community
  AND z.plan_id IN (SELECT p.id FROM plan p WHERE p.id = :plan UNION SELECT p.parent_id FROM plan p WHERE p.id = :plan)
UNION
-- an edit of several communities names none
SELECT unnest(e.zones) FROM plan_edit e
WHERE e.plan_id = :plan AND (e.community_code = :community OR e.community_code IS NULL)

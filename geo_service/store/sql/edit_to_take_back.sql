-- The newest row about an edit: the edit itself, or what took it back or did it again last.
SELECT number, kind, community_code, inverse FROM plan_edit
WHERE plan_id = :plan AND (number = :number OR of_number = :number)
ORDER BY number DESC LIMIT 1

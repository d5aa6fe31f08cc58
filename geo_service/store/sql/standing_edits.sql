-- What undo would take back, and what redo would do again, as said in revision 0011; null where there is nothing.
WITH newest AS (
    SELECT coalesce(max(e.number), 0) AS number FROM plan_edit e
    WHERE e.plan_id = :plan AND e.inverse IS NOT NULL AND e.of_number IS NULL
)
SELECT (SELECT e.number FROM plan_edit e
        WHERE e.plan_id = :plan AND e.inverse IS NOT NULL AND e.of_number IS NULL
          AND (SELECT count(*) FROM plan_edit t WHERE t.plan_id = :plan AND t.of_number = e.number) % 2 = 0
        ORDER BY e.number DESC LIMIT 1) AS undo,
       (SELECT t.of_number FROM plan_edit t
        WHERE t.plan_id = :plan AND t.of_number IS NOT NULL AND t.number > newest.number
        GROUP BY t.of_number HAVING count(*) % 2 = 1 ORDER BY t.of_number LIMIT 1) AS redo
FROM newest

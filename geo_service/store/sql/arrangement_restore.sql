-- Record again, as one, what was split in two on a day: its part before that day is closed.
WITH whole AS (
    SELECT * FROM arrangement WHERE id = :ended
), before AS (
    UPDATE arrangement a SET recorded = tstzrange(lower(a.recorded), clock_timestamp())
    FROM whole
    WHERE a.unit_kind = whole.unit_kind AND a.unit_code = whole.unit_code AND upper_inf(a.recorded)
      AND upper(a.valid) = CAST(:starts AS date) AND a.form = whole.form AND a.step = whole.step
    RETURNING lower(a.valid) AS starts
)
SELECT whole.id, CASE WHEN EXISTS (SELECT FROM before) THEN (SELECT starts FROM before) ELSE :starts END AS starts,
       least(upper(whole.valid), CAST(:ends AS date)) AS ends
FROM whole

-- What is said otherwise than is recorded, and the day from which on something stands all the same: what begins after
-- the day that is spoken of, and what a ledger of a later day has said.
SELECT given.unit_kind, given.unit_code, stands.first_day AS ends, stands.on_first_day AS overruled
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:forms AS text[]), CAST(:steps AS text[]),
            CAST(:starts AS date[]), CAST(:dated AS boolean[]))
     AS given (unit_kind, unit_code, form, step, starts, dated)
CROSS JOIN LATERAL (
    SELECT min(lower(a.valid)) FILTER (WHERE lower(a.valid) > given.starts) AS first_day,
           coalesce(bool_or(a.valid @> given.starts), false) AS on_first_day
    FROM arrangement a
    WHERE a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code AND upper_inf(a.recorded)
      AND (lower(a.valid) > greatest(given.starts, CAST(:until AS date))
           OR access.is_later_ledger(a.import_id, CAST(:on_date AS date)))
) AS stands
WHERE NOT EXISTS (
    SELECT FROM arrangement a
    WHERE a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code AND upper_inf(a.recorded)
      AND CASE WHEN stands.on_first_day
               THEN a.valid @> given.starts AND a.form = given.form AND a.step = given.step
               WHEN upper(a.valid) IS DISTINCT FROM stands.first_day THEN false
               -- what a file says of the time before a lapse does not undo it; only a later start does
               WHEN a.step = 'lapsed' THEN NOT given.dated OR given.starts <= lower(a.valid)
               ELSE a.form = given.form AND a.step = given.step AND (NOT given.dated OR lower(a.valid) = given.starts)
          END)

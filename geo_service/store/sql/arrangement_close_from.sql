-- Close what is recorded to begin on a day at a step, as a fallback where one is wanted, and tell until when it held.
UPDATE arrangement SET recorded = tstzrange(lower(recorded), clock_timestamp())
WHERE unit_kind = :unit_kind AND unit_code = :unit_code AND upper_inf(recorded)
  AND lower(valid) = CAST(:starts AS date) AND step = :step
  AND (is_gov_fallback OR NOT CAST(:fallback_only AS boolean))
RETURNING id, upper(valid) AS ends

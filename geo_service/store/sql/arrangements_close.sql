UPDATE arrangement a SET recorded = tstzrange(lower(a.recorded), CAST(:moment AS timestamptz))
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[]))
     AS given (unit_kind, unit_code, starts, ends)
WHERE a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code
  AND upper_inf(a.recorded) AND a.valid && daterange(given.starts, given.ends)

SELECT given.unit_kind, given.unit_code
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:forms AS text[]), CAST(:steps AS text[]),
            CAST(:starts AS date[]), CAST(:dated AS boolean[]))
     AS given (unit_kind, unit_code, form, step, starts, dated)
JOIN arrangement a ON a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code
WHERE upper_inf(a.recorded) AND upper_inf(a.valid)
  AND CASE WHEN a.step = 'lapsed'
           -- what a file says of the time before a lapse does not undo it; only a later start does
           THEN NOT given.dated OR given.starts <= lower(a.valid)
           ELSE a.form = given.form AND a.step = given.step AND (NOT given.dated OR lower(a.valid) = given.starts)
      END

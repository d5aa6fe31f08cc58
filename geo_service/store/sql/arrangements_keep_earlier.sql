INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded, import_id, source_row,
                         is_gov_fallback)
SELECT a.unit_kind, a.unit_code, a.community_code, a.form, a.step, daterange(lower(a.valid), given.starts),
       tstzrange(CAST(:moment AS timestamptz), NULL), a.import_id, a.source_row, a.is_gov_fallback
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:steps AS text[]), CAST(:starts AS date[]))
     AS given (unit_kind, unit_code, step, starts)
JOIN arrangement a ON a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code
WHERE upper(a.recorded) = CAST(:moment AS timestamptz) AND a.step <> given.step AND lower(a.valid) < given.starts

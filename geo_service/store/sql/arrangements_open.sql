-- A fallback that is carried on in its form is a fallback still, at whatever step of the ladder.
INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded, import_id,
                         source_row, is_gov_fallback)
SELECT given.unit_kind, given.unit_code, given.community_code, given.form, given.step,
       daterange(given.starts, given.ends), tstzrange(CAST(:moment AS timestamptz), NULL), :import_id, given.source_row,
       EXISTS (SELECT FROM arrangement a
               WHERE a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code AND a.form = given.form
                 AND upper(a.recorded) = CAST(:moment AS timestamptz) AND a.is_gov_fallback)
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:community_codes AS text[]),
            CAST(:forms AS text[]), CAST(:steps AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[]),
            CAST(:source_rows AS integer[]))
     AS given (unit_kind, unit_code, community_code, form, step, starts, ends, source_row)

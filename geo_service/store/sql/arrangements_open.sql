INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, import_id, source_row)
SELECT unit_kind, unit_code, community_code, form, step, daterange(starts, NULL), :import_id, source_row
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:community_codes AS text[]),
            CAST(:forms AS text[]), CAST(:steps AS text[]), CAST(:starts AS date[]), CAST(:source_rows AS integer[]))
     AS given (unit_kind, unit_code, community_code, form, step, starts, source_row)

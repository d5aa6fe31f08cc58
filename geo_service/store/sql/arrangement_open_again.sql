INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded, import_id, source_row,
                         is_gov_fallback)
SELECT unit_kind, unit_code, community_code, form, step, daterange(:starts, :ends),
       tstzrange(clock_timestamp(), NULL), import_id, source_row, is_gov_fallback
FROM arrangement WHERE id = :ended

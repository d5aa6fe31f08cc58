-- What was closed is recorded again for the time before a day.
INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid, recorded, import_id, source_row,
                         is_gov_fallback)
SELECT unit_kind, unit_code, community_code, form, step, daterange(lower(valid), :starts),
       tstzrange(clock_timestamp(), NULL), import_id, source_row, is_gov_fallback
FROM arrangement
WHERE id = :closed AND NOT isempty(daterange(lower(valid), :starts))

-- From when on new arrangements are believed: since the import began, or just after what was recorded meanwhile.
SELECT greatest(now(), max(lower(a.recorded)) + interval '1 microsecond')
FROM unnest(CAST(:unit_kinds AS text[]), CAST(:unit_codes AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[]))
     AS given (unit_kind, unit_code, starts, ends)
JOIN arrangement a ON a.unit_kind = given.unit_kind AND a.unit_code = given.unit_code
WHERE upper_inf(a.recorded) AND a.valid && daterange(given.starts, given.ends)

CREATE TEMP TABLE record_difference ON COMMIT DROP AS
SELECT s.unit_kind, s.unit_code, s.community_code, s.source_row,
       coalesce(r.facts, '{}') || s.facts AS facts, coalesce(r.details, '{}') || s.details AS details,
       r.id AS closes, r.facts AS facts_before, r.details AS details_before, r.observed_on, r.valid,
       r.import_id AS import_before, r.source_row AS row_before
FROM staged_record s
LEFT JOIN unit_record r ON r.unit_kind = s.unit_kind AND r.unit_code = s.unit_code
     AND upper_inf(r.recorded) AND r.valid @> CAST(:on_date AS date)
WHERE CASE WHEN r.id IS NULL THEN s.facts <> '{}' OR s.details <> '{}'
           ELSE NOT r.facts @> s.facts OR NOT r.details @> s.details END

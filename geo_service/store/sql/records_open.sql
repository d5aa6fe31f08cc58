-- A stretch of days that is spoken of anew falls in two: at the day of the new ledger, where that is the later,
-- else at the day of the earlier one; before the first ledger, what it says is taken to have held already.
INSERT INTO unit_record (unit_kind, unit_code, community_code, facts, details, observed_on, valid, import_id, source_row)
SELECT d.unit_kind, d.unit_code, d.community_code, part.facts, part.details, part.observed_on, part.valid,
       part.import_id, part.source_row
FROM record_difference d
CROSS JOIN LATERAL (
    SELECT d.facts, d.details, CAST(:on_date AS date) AS observed_on,
           CASE WHEN d.closes IS NULL THEN daterange(NULL, NULL)
                WHEN d.observed_on < CAST(:on_date AS date) THEN daterange(CAST(:on_date AS date), upper(d.valid))
                WHEN d.observed_on > CAST(:on_date AS date) THEN daterange(lower(d.valid), d.observed_on)
                ELSE d.valid END AS valid,
           CAST(:import_id AS bigint) AS import_id, d.source_row
    UNION ALL
    SELECT d.facts_before, d.details_before, d.observed_on,
           CASE WHEN d.observed_on < CAST(:on_date AS date) THEN daterange(lower(d.valid), CAST(:on_date AS date))
                ELSE daterange(d.observed_on, upper(d.valid)) END,
           d.import_before, d.row_before
    WHERE d.closes IS NOT NULL AND d.observed_on <> CAST(:on_date AS date)
) AS part
WHERE NOT isempty(part.valid)

-- The present receipt of a unit for a period becomes history.
UPDATE report_receipt SET recorded = tstzrange(lower(recorded), clock_timestamp())
WHERE area_code = :area_code AND profile_key = :profile_key AND rhythm = :rhythm AND period = :period
      AND upper_inf(recorded)

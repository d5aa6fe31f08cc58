-- What is known of the reports of an area for one period, of those handed in by the end of a day.
SELECT r.area_code, r.received_on
FROM report_receipt r
JOIN area a ON a.code = r.area_code AND a.lineage @> ARRAY[CAST(:area AS text)]
WHERE r.profile_key = :profile AND r.rhythm = :rhythm AND r.period = :period
      AND r.received_on <= :by AND upper_inf(r.recorded)

-- The latest footer up to a day of every community of an area, or of all where none is named.
SELECT DISTINCT ON (f.community_code)
       f.community_code, f.filler, f.filler_phone, f.person_in_charge, f.charge_phone
FROM ledger_footer f
JOIN area a ON a.code = f.community_code AND (CAST(:area AS text) IS NULL OR a.lineage @> ARRAY[CAST(:area AS text)])
WHERE f.on_date <= CAST(:on_date AS date) AND upper_inf(f.recorded)
ORDER BY f.community_code, f.on_date DESC

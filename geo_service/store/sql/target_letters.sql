-- Every sub-district and community of an area, with the letters it has signed, or with none.
SELECT a.code, a.kind, a.name, l.id, l.giver_code, giver.name AS giver_name, l.signed_on, l.due_on,
       l.target_percent, l.target_count, l.document_no, l.recorded_by, lower(l.recorded) AS recorded_at
FROM area a
LEFT JOIN target_letter l ON l.taker_code = a.code AND upper_inf(l.recorded)
LEFT JOIN area giver ON giver.code = l.giver_code
WHERE a.lineage @> ARRAY[CAST(:area AS text)] AND a.parent_code IS NOT NULL
ORDER BY a.lineage, l.signed_on, l.id

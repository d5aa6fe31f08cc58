-- The states on a day, as known now, of those of some units that lie in some areas.
SELECT h.unit_kind, h.unit_code, h.state_id
FROM unit_history() h
JOIN area a ON a.code = h.community_code AND a.lineage && CAST(:areas AS text[])
WHERE h.unit_code = ANY (CAST(:codes AS text[])) AND h.known_to = 'infinity'
  AND h.valid_from <= CAST(:on_date AS date) AND h.valid_to > CAST(:on_date AS date)
ORDER BY h.community_code, h.unit_kind, h.unit_code

-- Every management unit of an area with its state on a day, as known at a moment, and what was decided for it.
SELECT h.unit_kind AS kind, h.unit_code AS code, coalesce(c.name, b.name) AS name, h.community_code,
       h.households, h.state_id,
       d.form AS decided_form, d.reason AS decided_reason, d.decided_by, lower(d.recorded) AS decided_at
FROM unit_history() h
LEFT JOIN compound c ON h.unit_kind = 'compound' AND c.code = h.unit_code
LEFT JOIN building b ON h.unit_kind = 'building' AND b.code = h.unit_code
LEFT JOIN form_decision d ON d.unit_kind = h.unit_kind AND d.unit_code = h.unit_code
     AND d.profile_key = :profile AND coalesce(lower(d.recorded) <= CAST(:known AS timestamptz), true)
     AND coalesce(upper(d.recorded) > CAST(:known AS timestamptz), upper_inf(d.recorded))
WHERE h.community_code = ANY (ARRAY(SELECT code FROM area WHERE lineage @> ARRAY[CAST(:area AS text)]))
  AND h.valid_from <= CAST(:on_date AS date) AND h.valid_to > CAST(:on_date AS date)
  AND CASE WHEN CAST(:known AS timestamptz) IS NULL THEN h.known_to = 'infinity'
           ELSE h.known_from <= CAST(:known AS timestamptz) AND h.known_to > CAST(:known AS timestamptz) END
ORDER BY h.community_code, h.unit_kind DESC, h.unit_code

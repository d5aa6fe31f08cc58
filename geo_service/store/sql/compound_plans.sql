-- The present plan of every unit of an area that has one, what its owners said, and how it is managed on a day.
SELECT p.unit_kind, p.unit_code, coalesce(c.name, b.name) AS name, p.community_code, p.form, p.measures, p.state,
       p.entered_on, p.reason, p.profile_key, p.profile_version, p.consent_round_id, r.passes,
       now_is.form AS arranged_form, now_is.step AS arranged_step,
       coalesce(now_is.is_gov_fallback, false) AS is_gov_fallback,
       p.recorded_by, lower(p.recorded) AS recorded_at
FROM compound_plan p
JOIN area a ON a.code = p.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN compound c ON p.unit_kind = 'compound' AND c.code = p.unit_code
LEFT JOIN building b ON p.unit_kind = 'building' AND b.code = p.unit_code
LEFT JOIN consent_round r ON r.id = p.consent_round_id
LEFT JOIN arrangement now_is ON now_is.unit_kind = p.unit_kind AND now_is.unit_code = p.unit_code
     AND upper_inf(now_is.recorded) AND now_is.valid @> CAST(:on_date AS date)
WHERE upper_inf(p.recorded) AND (CAST(:unit AS text) IS NULL OR p.unit_code = :unit)
ORDER BY p.community_code, p.unit_code

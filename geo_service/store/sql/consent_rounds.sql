-- Every consent round of an area, as it is believed now; by community and unit.
SELECT r.id, r.unit_kind, r.unit_code, coalesce(c.name, b.name) AS name, r.community_code, r.proposal, r.form,
       r.began, r.ended, r.heads_agree, r.heads_all, r.area_agree_m2, r.area_all_m2, r.profile_key,
       r.profile_version, r.clause, r.rule, r.passes, r.recorded_by, lower(r.recorded) AS recorded_at
FROM consent_round r
JOIN area a ON a.code = r.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN compound c ON r.unit_kind = 'compound' AND c.code = r.unit_code
LEFT JOIN building b ON r.unit_kind = 'building' AND b.code = r.unit_code
WHERE upper_inf(r.recorded)
ORDER BY r.community_code, r.unit_code, r.began, r.id

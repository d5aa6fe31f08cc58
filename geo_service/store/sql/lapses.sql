-- Every lapse of an area, the latest first, and since when the unit has been managed again.
SELECT s.id, s.unit_kind, s.unit_code, coalesce(c.name, b.name) AS name, s.community_code, s.lapsed_on, s.reason,
       ended.form, ended.step, s.recorded_by, lower(s.recorded) AS recorded_at,
       (SELECT min(lower(later.valid)) FROM arrangement later
        WHERE later.unit_kind = s.unit_kind AND later.unit_code = s.unit_code AND upper_inf(later.recorded)
          AND lower(later.valid) > s.lapsed_on AND later.step <> 'lapsed') AS managed_again_on
FROM lapse s
JOIN area a ON a.code = s.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
LEFT JOIN compound c ON s.unit_kind = 'compound' AND c.code = s.unit_code
LEFT JOIN building b ON s.unit_kind = 'building' AND b.code = s.unit_code
LEFT JOIN arrangement ended ON ended.id = s.ended_arrangement_id
WHERE upper_inf(s.recorded)
ORDER BY s.lapsed_on DESC, s.unit_code

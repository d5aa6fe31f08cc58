-- A management unit on a day: its state, and the zone and chief that hold it then.
SELECT h.unit_kind AS kind, h.unit_code AS code, coalesce(c.name, b.name, b.address) AS name,
       h.community_code AS community, h.households, s.form, s.step, h.state_id,
       to_char(nullif(h.valid_from, '-infinity'), 'YYYY-MM-DD') AS since,
       served.zone_code, served.zone_name, served.plan_id, served.chief_name, served.work_phone, served.chief_role,
       served.in_post_from, served.in_post_to
FROM unit_history() h
JOIN unit_state s ON s.id = h.state_id
LEFT JOIN compound c ON h.unit_kind = 'compound' AND c.code = h.unit_code
LEFT JOIN building b ON h.unit_kind = 'building' AND b.code = h.unit_code
LEFT JOIN LATERAL (
    SELECT z.code AS zone_code, z.name AS zone_name, z.plan_id, n.name AS chief_name, n.work_phone, n.chief_role,
           to_char(lower(o.valid), 'YYYY-MM-DD') AS in_post_from,
           to_char(upper(o.valid) - 1, 'YYYY-MM-DD') AS in_post_to
    FROM zone_member m
    JOIN zone z ON z.id = m.zone_id
    JOIN plan_publication p ON p.plan_id = m.plan_id AND p.community_code = m.community_code
         AND p.effective @> CAST(:on_date AS date)
    LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND o.valid @> CAST(:on_date AS date)
    LEFT JOIN person n ON n.code = o.person_code
    WHERE h.unit_kind = 'building' AND m.building_code = h.unit_code
) AS served ON true
WHERE h.community_code IN (SELECT code FROM area WHERE kind = 'community') AND h.unit_code = :code
  AND h.valid_from <= CAST(:on_date AS date) AND h.valid_to > CAST(:on_date AS date)
  AND CASE WHEN CAST(:known AS timestamptz) IS NULL THEN h.known_to = 'infinity'
           ELSE h.known_from <= CAST(:known AS timestamptz) AND h.known_to > CAST(:known AS timestamptz) END

-- Who served a building, publication by publication, newest first; nobody where its zone had no primary chief.
WITH held AS (
    SELECT u.effective, p.id AS plan_id, p.name AS plan_name, z.id AS zone_id, z.code AS zone_code,
           coalesce(z.name, z.code) AS zone_name
    FROM zone_member m
    JOIN plan_publication u ON u.plan_id = m.plan_id AND u.community_code = m.community_code
    JOIN plan p ON p.id = m.plan_id
    JOIN zone z ON z.id = m.zone_id
    WHERE m.building_code = :unit
), in_post AS (
    SELECT h.zone_id, o.person_code, o.valid * h.effective AS during
    FROM held h
    JOIN post o ON o.zone_id = h.zone_id AND o.rank = 'primary' AND o.valid && h.effective
), served AS (
    SELECT zone_id, person_code, during FROM in_post
    UNION ALL
    SELECT h.zone_id, NULL, unnest(datemultirange(h.effective) - coalesce(
        (SELECT range_agg(i.during) FROM in_post i WHERE i.zone_id = h.zone_id), '{}'))
    FROM held h
)
SELECT h.plan_id, h.plan_name, h.zone_code, h.zone_name, n.name AS chief_name, n.chief_role,
       to_char(lower(s.during), 'YYYY-MM-DD') AS "from", to_char(upper(s.during) - 1, 'YYYY-MM-DD') AS "to"
FROM served s
JOIN held h USING (zone_id)
LEFT JOIN person n ON n.code = s.person_code
ORDER BY lower(s.during) DESC, h.plan_id DESC

-- Zones of a plan without a chief whose post has dates and has not ended; undated posts may still change.
SELECT z.id, z.code, z.community_code, ST_X(c.centre) AS x, ST_Y(c.centre) AS y,
       o.id AS post_id, o.person_code AS holder
FROM zone z
JOIN building m ON m.code = z.medoid_building_code
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Centroid(m.geom), :srid) AS centre) AS c
LEFT JOIN plan_publication u ON u.plan_id = z.plan_id AND u.community_code = z.community_code
LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND o.valid IS NULL
WHERE z.plan_id = :plan
  AND coalesce(upper(u.effective) > current_date, true)
  AND NOT EXISTS (
      SELECT FROM post f
      WHERE f.zone_id = z.id AND f.rank = 'primary' AND coalesce(upper(f.valid) > current_date, f.valid IS NOT NULL))
ORDER BY z.code

-- What counts against a person's capacity: running posts in this plan, and those in other communities. A post
-- in another plan of the same community ends when this plan takes over there; posts of drafts are intentions.
SELECT n.code, n.name, n.community_code, ST_X(h.home) AS x, ST_Y(h.home) AS y,
       greatest(n.zone_capacity - held.posts, 0) AS free
FROM person n
CROSS JOIN LATERAL (SELECT ST_Transform(n.home, :srid) AS home) AS h
CROSS JOIN LATERAL (
    SELECT count(*) AS posts
    FROM post o
    JOIN zone z ON z.id = o.zone_id
    WHERE o.person_code = n.code AND coalesce(upper(o.valid) > current_date, o.valid IS NOT NULL)
      AND (z.plan_id = :plan OR z.community_code <> n.community_code)
) AS held
WHERE n.community_code IN (SELECT community_code FROM zone WHERE plan_id = :plan)
ORDER BY n.code

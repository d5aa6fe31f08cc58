-- How many zones the people of each community can serve, beside their posts in other communities on that date.
SELECT n.community_code, sum(greatest(n.zone_capacity - held.posts, 0)) AS zones
FROM person n
JOIN area a ON a.code = n.community_code AND a.lineage @> ARRAY[:area]
CROSS JOIN LATERAL (
    SELECT count(*) AS posts
    FROM post o
    JOIN zone z ON z.id = o.zone_id
    WHERE o.person_code = n.code AND o.valid @> CAST(:on_date AS date) AND z.community_code <> n.community_code
) AS held
GROUP BY n.community_code

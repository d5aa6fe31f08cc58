-- Zones of a plan whose chief is gone: the last post has ended by the date, or its holder can no longer serve as
-- many zones of the plan; the smallest first, because they are the easiest to share out.
WITH held AS (
    SELECT z.code, z.community_code, z.household_count, o.person_code, o.runs
    FROM zone z
    JOIN LATERAL (
        SELECT p.person_code, coalesce(upper(p.valid) > CAST(:on_date AS date), true) AS runs
        FROM post p
        WHERE p.zone_id = z.id AND p.rank = 'primary'
        ORDER BY upper(p.valid) DESC NULLS FIRST
        LIMIT 1
    ) AS o ON true
    WHERE z.plan_id = :plan
), ranked AS (
    SELECT held.*, row_number() OVER (PARTITION BY person_code, runs ORDER BY household_count DESC, code) AS place
    FROM held
)
SELECT r.community_code, r.code
FROM ranked r
JOIN person n ON n.code = r.person_code
WHERE NOT r.runs OR r.place > n.zone_capacity
ORDER BY r.community_code, r.household_count, r.code

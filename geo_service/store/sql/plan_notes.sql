-- What is good to know of a plan before it is published, and refuses nothing. Buildings to zone are those of the
-- day it was drawn for.
WITH zoned AS MATERIALIZED (
    SELECT z.id, z.code, z.community_code, a.name AS community_name,
           jsonb_build_object('code', z.code, 'community_code', z.community_code, 'community_name', a.name) AS said
    FROM zone z
    JOIN area a ON a.code = z.community_code
    WHERE z.plan_id = :plan
), noted AS (
    SELECT 1 AS place, 'without_chief' AS rule, z.community_code, z.community_name, z.code AS zone_code,
           CAST(NULL AS text) AS chief_name, CAST(NULL AS bigint) AS buildings, jsonb_build_array(z.said) AS zones
    FROM zoned z
    WHERE NOT EXISTS (SELECT FROM post o WHERE o.zone_id = z.id AND o.rank = 'primary')
    UNION ALL
    SELECT 2, 'not_zoned', a.code, a.name, NULL, NULL, count(*), '[]'
    FROM plan p
    CROSS JOIN LATERAL buildings_to_zone(coalesce(CAST(p.parameters ->> 'on' AS date), current_date)) b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    WHERE p.id = :plan AND NOT EXISTS (SELECT FROM zoned z WHERE z.community_code = a.code)
    GROUP BY a.code
    UNION ALL
    SELECT 3, 'several_zones', min(z.community_code), min(z.community_name), min(z.code), min(n.name), NULL,
           jsonb_agg(z.said ORDER BY z.code)
    FROM zoned z
    JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND coalesce(upper(o.valid) > current_date, true)
    JOIN person n ON n.code = o.person_code
    GROUP BY n.code
    HAVING count(DISTINCT z.id) > 1
)
SELECT rule, community_code, community_name, zone_code, chief_name, buildings, zones
FROM noted
ORDER BY place, community_code, zone_code

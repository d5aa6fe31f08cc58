-- Buildings of some communities whose primary chief is another after a plan begins there. Before: who is in post on
-- that day without it, or, where it is published already, the day before. After: the plan's undated posts, or those
-- of its first day.
WITH compared AS (
    SELECT c.community_code, c.first_day,
           CASE WHEN :published THEN c.first_day - 1 ELSE c.first_day END AS before_on
    FROM unnest(CAST(:communities AS text[]), CAST(:first_days AS date[])) AS c (community_code, first_day)
), before AS (
    -- A building that moved to another community may be in two publications: the newer one tells.
    SELECT DISTINCT ON (m.building_code) m.building_code, m.community_code, z.code AS zone_code,
           coalesce(z.name, z.code) AS zone_name, o.person_code AS chief_code
    FROM compared c
    JOIN plan_publication u ON u.community_code = c.community_code AND u.effective @> c.before_on
    JOIN zone_member m ON m.plan_id = u.plan_id AND m.community_code = u.community_code
    JOIN zone z ON z.id = m.zone_id
    LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND o.valid @> c.before_on
    ORDER BY m.building_code, lower(u.effective) DESC
), after AS (
    SELECT m.building_code, m.community_code, z.code AS zone_code, coalesce(z.name, z.code) AS zone_name,
           o.person_code AS chief_code
    FROM compared c
    JOIN zone_member m ON m.plan_id = :plan AND m.community_code = c.community_code
    JOIN zone z ON z.id = m.zone_id
    LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary'
         AND CASE WHEN :published THEN o.valid @> c.first_day ELSE o.valid IS NULL END
), changed AS MATERIALIZED (
    SELECT d.code, coalesce(d.name, d.address) AS name, d.household_count AS households,
           coalesce(a.community_code, b.community_code) AS community_code,
           b.zone_code AS old_zone, b.zone_name AS old_zone_name, b.chief_code AS old_chief,
           a.zone_code AS new_zone, a.zone_name AS new_zone_name, a.chief_code AS new_chief
    FROM before b
    FULL JOIN after a USING (building_code)
    JOIN building d ON d.code = building_code
    WHERE b.chief_code IS DISTINCT FROM a.chief_code
), shown AS (
    SELECT * FROM changed WHERE code > coalesce(:after, '') ORDER BY code LIMIT :most
), by_chief AS (
    SELECT chief_code, sum(gives) AS gives, sum(takes) AS takes
    FROM (SELECT old_chief AS chief_code, 1 AS gives, 0 AS takes FROM changed
          UNION ALL SELECT new_chief, 0, 1 FROM changed) AS hand
    WHERE chief_code IS NOT NULL
    GROUP BY chief_code
)
SELECT (
    SELECT jsonb_build_object(
        'buildings', count(*), 'households', coalesce(sum(households), 0),
        'gain', count(*) FILTER (WHERE old_chief IS NULL), 'lose', count(*) FILTER (WHERE new_chief IS NULL),
        'change', count(*) FILTER (WHERE old_chief IS NOT NULL AND new_chief IS NOT NULL))
    FROM changed
) AS totals, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'chief_code', h.chief_code, 'chief_name', n.name, 'gives', h.gives, 'takes', h.takes) ORDER BY h.chief_code), '[]')
    FROM by_chief h LEFT JOIN person n ON n.code = h.chief_code
) AS by_chief, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'code', s.code, 'name', s.name, 'households', s.households,
        'community_code', s.community_code, 'community_name', c.name,
        'before', CASE WHEN s.old_zone IS NOT NULL THEN jsonb_build_object(
            'zone_code', s.old_zone, 'zone_name', s.old_zone_name,
            'chief_code', s.old_chief, 'chief_name', giving.name) END,
        'after', CASE WHEN s.new_zone IS NOT NULL THEN jsonb_build_object(
            'zone_code', s.new_zone, 'zone_name', s.new_zone_name,
            'chief_code', s.new_chief, 'chief_name', taking.name) END) ORDER BY s.code), '[]')
    FROM shown s
    JOIN area c ON c.code = s.community_code
    LEFT JOIN person giving ON giving.code = s.old_chief
    LEFT JOIN person taking ON taking.code = s.new_chief
) AS buildings

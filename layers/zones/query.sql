-- Zone ids follow the numbering inside a community, so neighbours seldom share a colour.
-- OFFSET 0: the primary chief, of whom there is one at most, is looked up for the zones shown, and for no others.
SELECT z.code, z.name, z.community_code, (SELECT a.name FROM area a WHERE a.code = z.community_code) AS community,
       z.id, z.plan_id, p.state AS plan_state,
       z.household_count AS households, z.building_count AS buildings, z.patrol_m,
       chief.name AS chief, chief.work_phone, lower(pp.effective) AS effective_from,
       CAST(z.id % 6 AS integer) AS colour_index, z.geom, z.geom_3857
FROM zone z
JOIN plan p ON p.id = z.plan_id
LEFT JOIN plan_publication pp ON pp.plan_id = z.plan_id AND pp.community_code = z.community_code
LEFT JOIN LATERAL (
    SELECT n.name, n.work_phone
    FROM post o
    JOIN person n ON n.code = o.person_code
    WHERE o.zone_id = z.id AND o.rank = 'primary' AND (o.valid IS NULL OR o.valid @> CAST(:on AS date))
    OFFSET 0
) AS chief ON true
WHERE CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
           ELSE z.plan_id = CAST(:plan AS bigint) END
  AND (CAST(:area AS text) IS NULL OR z.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND z.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

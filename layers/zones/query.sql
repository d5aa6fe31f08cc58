-- Zone ids follow the numbering inside a community, so neighbours seldom share a colour.
SELECT z.code, z.name, z.community_code, a.name AS community, z.id, z.plan_id, p.state AS plan_state,
       z.household_count AS households, z.building_count AS buildings, z.patrol_m,
       chief.name AS chief, chief.work_phone, lower(pp.effective) AS effective_from,
       CAST(z.id % 6 AS integer) AS colour_index, z.geom, z.geom_3857
FROM zone z
JOIN plan p ON p.id = z.plan_id
LEFT JOIN plan_publication pp ON pp.plan_id = z.plan_id AND pp.community_code = z.community_code
LEFT JOIN area a ON a.code = z.community_code
LEFT JOIN post o ON o.zone_id = z.id AND o.rank = 'primary' AND (o.valid IS NULL OR o.valid @> CAST(:on AS date))
LEFT JOIN person chief ON chief.code = o.person_code
WHERE CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
           ELSE z.plan_id = CAST(:plan AS bigint) END
  AND (CAST(:area AS text) IS NULL OR z.community_code = ANY (ARRAY(
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)])))

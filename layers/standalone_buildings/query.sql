SELECT b.code, b.name, b.community_code, a.name AS community, b.implementation_class,
       coalesce(s.step, CASE WHEN b.baseline_unmanaged THEN 'uncovered' ELSE 'managed' END) AS status,
       s.form, coalesce(u.state_id = ANY (CAST(:covered_states AS integer[])), false) AS covered,
       zoned.zone_code, zoned.visit_order, b.household_count AS households, b.storeys, b.unit_count,
       b.floor_area_m2, b.built_year, b.address, b.geom, b.geom_3857
FROM building b
LEFT JOIN unit_line u ON u.unit_kind = 'building' AND u.community_code = b.community_code AND u.unit_code = b.code
     AND u.known_to = 'infinity'
     AND u.valid_from <= CAST(:on AS date) AND u.valid_to > CAST(:on AS date)
LEFT JOIN unit_state s ON s.id = u.state_id
LEFT JOIN area a ON a.code = b.community_code
LEFT JOIN (
    SELECT m.building_code, z.code AS zone_code, m.visit_order
    FROM zone_member m
    JOIN zone z ON z.id = m.zone_id
    LEFT JOIN plan_publication pp ON pp.plan_id = m.plan_id AND pp.community_code = m.community_code
    WHERE CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
               ELSE m.plan_id = CAST(:plan AS bigint) END
) AS zoned ON zoned.building_code = b.code
WHERE b.is_standalone
  AND (CAST(:area AS text) IS NULL OR b.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

-- OFFSET 0: state and zone, of which there is one at most, are looked up for the buildings shown, and for no others.
SELECT b.code, b.name, b.community_code, (SELECT a.name FROM area a WHERE a.code = b.community_code) AS community,
       b.implementation_class,
       coalesce(s.step, CASE WHEN b.baseline_unmanaged THEN 'uncovered' ELSE 'managed' END) AS status,
       s.form, coalesce(u.state_id = ANY (CAST(:covered_states AS integer[])), false) AS covered,
       zoned.zone_code, zoned.visit_order, b.household_count AS households, b.storeys, b.unit_count,
       b.floor_area_m2, b.built_year, b.address, b.baseline_unmanaged, b.geom, b.geom_3857
FROM building b
LEFT JOIN LATERAL (
    SELECT h.state_id
    FROM unit_line h
    WHERE h.unit_kind = 'building' AND h.community_code = b.community_code AND h.unit_code = b.code
      AND h.known_to = 'infinity'
      AND h.valid_from <= CAST(:on AS date) AND h.valid_to > CAST(:on AS date)
    OFFSET 0
) AS u ON true
LEFT JOIN unit_state s ON s.id = u.state_id
LEFT JOIN LATERAL (
    SELECT z.code AS zone_code, m.visit_order
    FROM zone_member m
    JOIN zone z ON z.id = m.zone_id
    LEFT JOIN plan_publication pp ON pp.plan_id = m.plan_id AND pp.community_code = m.community_code
    WHERE m.building_code = b.code
      AND CASE WHEN CAST(:plan AS bigint) IS NULL THEN pp.effective @> CAST(:on AS date)
               ELSE m.plan_id = CAST(:plan AS bigint) END
    OFFSET 0
) AS zoned ON true
WHERE b.is_standalone
  AND (CAST(:area AS text) IS NULL OR b.community_code = ANY (CAST(:communities AS text[]))
       OR CAST(:communities AS text[]) IS NULL AND b.community_code IN (
    SELECT a.code FROM area a WHERE a.lineage @> ARRAY[CAST(:area AS text)]))

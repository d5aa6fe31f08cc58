SELECT m.building_code, z.code AS zone_code, z.community_code
FROM zone_member m JOIN zone z ON z.id = m.zone_id
WHERE m.plan_id = :plan AND m.building_code = ANY(CAST(:buildings AS text[]))
  AND z.community_code = ANY(CAST(:communities AS text[]))

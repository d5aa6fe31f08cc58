SELECT z.code, coalesce(z.name, z.code) AS name, z.locked, array_agg(m.building_code ORDER BY m.building_code) AS buildings
FROM zone z
JOIN zone_member m ON m.zone_id = z.id
WHERE z.plan_id = :plan AND z.community_code = :community
GROUP BY z.id
ORDER BY z.code

SELECT 'compound' AS kind, code, community_code, name, address, geom IS NOT NULL AS has_place
FROM compound WHERE community_code = ANY(CAST(:communities AS text[]))
UNION ALL
SELECT 'building', code, community_code, name, address, true
FROM building WHERE is_standalone AND community_code = ANY(CAST(:communities AS text[]))
ORDER BY community_code, kind DESC, code

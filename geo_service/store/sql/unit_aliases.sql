SELECT s.community_code, s.spelling, s.written_code, s.unit_code
FROM unit_alias s
LEFT JOIN compound c ON s.unit_kind = 'compound' AND c.code = s.unit_code
LEFT JOIN building b ON s.unit_kind = 'building' AND b.code = s.unit_code AND b.is_standalone
WHERE s.community_code = ANY(CAST(:communities AS text[]))
  AND s.community_code = coalesce(c.community_code, b.community_code)

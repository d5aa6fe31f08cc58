-- Every unit of the baseline in an area, with its present sheet of a round where it has one.
WITH unit AS (
    SELECT 'compound' AS kind, c.code, c.name, c.community_code
    FROM compound c
    JOIN area a ON a.code = c.community_code AND a.lineage @> ARRAY[:area]
    WHERE c.baseline_unmanaged
    UNION ALL
    SELECT 'building', b.code, b.name, b.community_code
    FROM building b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[:area]
    WHERE b.is_standalone AND b.baseline_unmanaged
)
SELECT u.kind, u.code, u.name, u.community_code, e.marks, e.left_out, e.total, e.passes, e.evaluated_by,
       lower(e.recorded) AS evaluated_at, e.profile_version
FROM unit u
LEFT JOIN evaluation e ON e.unit_kind = u.kind AND e.unit_code = u.code
     AND e.profile_key = :profile AND e.round = :round AND upper_inf(e.recorded)
ORDER BY u.community_code, u.kind DESC, u.code

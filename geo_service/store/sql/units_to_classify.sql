-- What a profile's rules may ask of every management unit of an area; -1 where nobody has said.
WITH unit AS (
    SELECT 'compound' AS kind, c.code, c.name, c.community_code, c.household_count, c.implementation_class,
           c.baseline_unmanaged, (coalesce(btrim(c.responsible_unit), '') <> '')::integer AS has_responsible_unit
    FROM compound c
    JOIN area a ON a.code = c.community_code AND a.lineage @> ARRAY[:area]
    UNION ALL
    SELECT 'building', b.code, b.name, b.community_code, b.household_count, b.implementation_class,
           b.baseline_unmanaged, -1
    FROM building b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[:area]
    WHERE b.is_standalone
)
SELECT u.kind, u.code, u.name, u.community_code, u.household_count,
       coalesce(lower(u.implementation_class), '') AS implementation_class,
       (u.kind = 'building')::integer AS is_standalone,
       u.baseline_unmanaged::integer AS baseline_unmanaged,
       u.has_responsible_unit,
       CASE WHEN m.form = 'employer_managed' THEN 1
            WHEN m.form IS NOT NULL OR u.baseline_unmanaged THEN 0 ELSE -1 END AS employer_managed,
       d.form AS decided_form, d.reason AS decided_reason, d.decided_by, lower(d.recorded) AS decided_at
FROM unit u
LEFT JOIN arrangement m ON m.unit_kind = u.kind AND m.unit_code = u.code
     AND m.valid @> CAST(:on_date AS date) AND upper_inf(m.recorded)
LEFT JOIN form_decision d ON d.unit_kind = u.kind AND d.unit_code = u.code
     AND d.profile_key = :profile AND upper_inf(d.recorded)
ORDER BY u.community_code, u.kind DESC, u.code

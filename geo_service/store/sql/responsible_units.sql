-- The register as it holds in an area, and who answers for which unit there: by code, or by the ledger's text
-- where no code is given. The text may be a code or a name; of several registers the nearest decides.
WITH here AS (
    SELECT lineage FROM area WHERE code = :area
), unit AS (
    SELECT 'compound' AS kind, c.code, c.name, c.community_code, a.lineage, plain_name(c.responsible_unit) AS said
    FROM compound c
    JOIN area a ON a.code = c.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    UNION ALL
    SELECT 'building', b.code, b.name, b.community_code, a.lineage, NULL
    FROM building b
    JOIN area a ON a.code = b.community_code AND a.lineage @> ARRAY[CAST(:area AS text)]
    WHERE b.is_standalone
), register AS (
    SELECT r.code, r.name, plain_name(r.name) AS plain, r.area_code, cardinality(a.lineage) AS depth
    FROM responsible_unit r
    JOIN area a ON a.code = r.area_code
    WHERE upper_inf(r.recorded)
      AND (a.lineage @> ARRAY[CAST(:area AS text)] OR r.area_code IN (SELECT unnest(lineage) FROM here))
), by_code AS (
    SELECT u.kind, u.code, p.responsible_code
    FROM unit u
    JOIN responsibility p ON p.unit_kind = u.kind AND p.unit_code = u.code AND upper_inf(p.recorded)
), by_text AS (
    SELECT DISTINCT ON (u.kind, u.code) u.kind, u.code, r.code AS responsible_code
    FROM unit u
    JOIN register r ON u.said IN (r.code, r.plain) AND r.area_code = ANY (u.lineage)
    WHERE NOT EXISTS (SELECT FROM by_code p WHERE p.kind = u.kind AND p.code = u.code)
    ORDER BY u.kind, u.code, r.depth DESC, r.code
), answered AS (
    SELECT u.kind, u.code, u.name, u.community_code, u.said,
           coalesce(p.responsible_code, t.responsible_code) AS responsible_code,
           CASE WHEN p.responsible_code IS NOT NULL THEN 'code' WHEN t.responsible_code IS NOT NULL THEN 'name' END
               AS matched_by
    FROM unit u
    LEFT JOIN by_code p ON p.kind = u.kind AND p.code = u.code
    LEFT JOIN by_text t ON t.kind = u.kind AND t.code = u.code
    WHERE coalesce(p.responsible_code, t.responsible_code, u.said) IS NOT NULL
)
SELECT r.code, coalesce(r.name, n.responsible_code, n.said) AS name, r.area_code, n.kind AS unit_kind,
       n.code AS unit_code, n.name AS unit_name, n.community_code, n.matched_by
FROM register r
FULL JOIN answered n ON n.responsible_code = r.code
ORDER BY r.code NULLS LAST, 2, n.community_code, n.kind DESC, n.code

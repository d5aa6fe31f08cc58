-- Lineage runs from the root to the area itself; moving an area moves all below it.
WITH RECURSIVE fresh AS (
    SELECT code, ARRAY[code] AS lineage FROM area WHERE parent_code IS NULL
    UNION ALL
    SELECT child.code, fresh.lineage || child.code
    FROM fresh JOIN area child ON child.parent_code = fresh.code
)
UPDATE area SET lineage = fresh.lineage
FROM fresh
WHERE area.code = fresh.code AND area.lineage IS DISTINCT FROM fresh.lineage

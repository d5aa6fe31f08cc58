-- The judgement of planning/curve.py on exact counts: red where the latest milestone due is missed, amber where the
-- pace since `since` misses the next one. Which days and states count is the profile's, in :targets.
SELECT c.code || '/' || t.key AS key, c.code, c.name, c.kind, above.name AS parent, t.key AS target_key,
       CASE WHEN CAST(:target AS text) IS NULL THEN t.place ELSE 1 END AS target_place,
       CASE WHEN k.denominator = 0 THEN 'none'
            WHEN t.due_percent IS NOT NULL AND k.numerator * 100 < k.denominator * t.due_percent THEN 'red'
            WHEN k.numerator < t.due_count THEN 'red'
            WHEN ahead.expected < ahead.required THEN 'amber'
            ELSE 'green' END AS flag,
       k.numerator::float8 AS numerator, k.denominator::float8 AS denominator,
       k.numerator::float8 / nullif(k.denominator, 0)::float8 AS rate,
       t.due_on, t.next_on, ahead.required::bigint AS next_required,
       CASE WHEN t.next_on IS NOT NULL THEN greatest(ahead.required - k.numerator, 0)::float8 END AS next_gap,
       ahead.expected::bigint AS next_expected, c.geom, c.geom_3857
FROM area c
LEFT JOIN area above ON above.code = c.parent_code
CROSS JOIN jsonb_to_recordset(CAST(:targets AS jsonb)) AS t (
    key text, place integer, measure text, counted integer[], base integer[], since date,
    due_on date, due_percent integer, due_count integer, next_on date, next_percent integer, next_count integer)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n.amount) FILTER (WHERE n.counts), 0) AS numerator,
           coalesce(sum(n.amount), 0) AS denominator,
           coalesce(sum(n.amount) FILTER (WHERE n.counts AND n.day <= t.since), 0) AS before
    FROM (
        SELECT e.day, e.state_id = ANY (t.counted) AS counts,
               CASE t.measure WHEN 'units' THEN e.units WHEN 'buildings' THEN e.buildings
                              WHEN 'households' THEN e.households
                              WHEN 'floor_area_m2' THEN e.floor_area_dm2 / 100.0 END AS amount
        FROM coverage_change e
        WHERE e.area_code = c.code AND e.day <= CAST(:on AS date) AND e.state_id = ANY (t.base)
    ) AS n
) AS k
CROSS JOIN LATERAL (
    SELECT coalesce(ceil(trunc(k.denominator) * t.next_percent / 100), t.next_count) AS required,
           CASE WHEN t.since IS NOT NULL AND t.next_on IS NOT NULL
                THEN least(trunc(k.denominator),
                           div(greatest(k.numerator * (CAST(:on AS date) - t.since)
                                        + (k.numerator - k.before) * (t.next_on - CAST(:on AS date)), 0),
                               CAST(:on AS date) - t.since)) END AS expected
) AS ahead
WHERE c.valid @> CAST(:on AS date) AND (CAST(:target AS text) IS NULL OR t.key = CAST(:target AS text))
  AND (CAST(:area AS text) IS NULL OR c.lineage @> ARRAY[CAST(:area AS text)])

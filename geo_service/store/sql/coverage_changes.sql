-- Changes of some areas summed up to the days asked about, as known at a moment; bucket 0 counts on the first.
SELECT c.area_code, c.state_id, d.bucket, sum(c.units)::bigint AS units, sum(c.buildings)::bigint AS buildings,
       sum(c.households)::bigint AS households, sum(c.floor_area_dm2)::bigint AS floor_area_dm2,
       sum(c.land_area_dm2)::bigint AS land_area_dm2
FROM coverage_change c
CROSS JOIN LATERAL (SELECT width_bucket(c.day, CAST(:ends AS date[]))) AS d (bucket)
WHERE c.area_code = ANY (CAST(:areas AS text[]))
  AND c.day < CAST(:last_end AS date)
  AND c.known_at <= CAST(:known AS timestamptz)
GROUP BY c.area_code, c.state_id, d.bucket

-- What a file first sees is taken to have held before; known is only what is dated.
WITH community AS (
    SELECT code FROM area WHERE kind = 'community' AND lineage @> ARRAY[CAST(:area AS text)]
)
SELECT coalesce(
    least((SELECT min(lower(valid)) FROM arrangement WHERE community_code IN (SELECT code FROM community)),
          (SELECT min(observed_on) FROM unit_record WHERE community_code IN (SELECT code FROM community)),
          (SELECT min(lower(effective)) FROM plan_publication
           WHERE community_code IN (SELECT code FROM community)),
          access.first_imported_day((SELECT array_agg(code) FROM community))),
    (SELECT min(known_at)::date FROM coverage_change WHERE area_code = :area AND known_at > '-infinity'))

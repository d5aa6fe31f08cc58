-- Whoever served a zone that is back serves it again, if still known.
INSERT INTO post (zone_id, person_code, community_code, rank, walk_distance_m)
SELECT r.zone_id, r.person, :community, r.rank, r.walk_distance_m
FROM jsonb_to_recordset(CAST(:posts AS jsonb))
    AS r (zone_id bigint, person text, rank text, walk_distance_m double precision)
JOIN person n ON n.code = r.person

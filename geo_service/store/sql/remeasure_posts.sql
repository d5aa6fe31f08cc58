-- How far it is now from the homes of whoever serves some zones of a draft to the zones' centres.
UPDATE post o SET walk_distance_m = ST_Distance(ST_Transform(n.home, :srid), ST_Transform(ST_Centroid(b.geom), :srid))
FROM zone z, building b, person n
WHERE z.plan_id = :plan AND z.code = ANY(:codes) AND b.code = z.medoid_building_code
  AND o.zone_id = z.id AND o.valid IS NULL AND n.code = o.person_code

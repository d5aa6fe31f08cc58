-- How a unit is managed on a day: by its own arrangement, and by a zone whose chief is in post.
SELECT a.id, a.form, a.step, a.is_gov_fallback,
       EXISTS (SELECT FROM plan_publication p
               JOIN zone z ON z.plan_id = p.plan_id AND z.community_code = p.community_code
               JOIN zone_member m ON m.zone_id = z.id
               JOIN post o ON o.zone_id = z.id AND o.rank = 'primary'
               WHERE :unit_kind = 'building' AND m.building_code = :unit_code
                 AND p.effective @> CAST(:on_date AS date) AND o.valid @> CAST(:on_date AS date)) AS served
FROM (SELECT) AS one
LEFT JOIN arrangement a ON a.unit_kind = :unit_kind AND a.unit_code = :unit_code
     AND upper_inf(a.recorded) AND a.valid @> CAST(:on_date AS date)

-- A post that was to start later than the end of its zone never starts; its row stays in the audit trail.
WITH ended AS (
    SELECT o.id, lower(o.valid) >= :from_date AS never_starts
    FROM plan_publication u
    JOIN zone z ON z.plan_id = u.plan_id AND z.community_code = u.community_code
    JOIN post o ON o.zone_id = z.id
    WHERE u.community_code = ANY(:communities) AND u.effective @> CAST(:from_date AS date)
      AND (o.valid @> CAST(:from_date AS date) OR lower(o.valid) >= :from_date)
), removed AS (
    DELETE FROM post WHERE id IN (SELECT id FROM ended WHERE never_starts)
)
UPDATE post SET valid = daterange(lower(valid), :from_date)
WHERE id IN (SELECT id FROM ended WHERE NOT never_starts)

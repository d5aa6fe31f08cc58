-- Whether a government fallback followed when a plan was recorded as failed, and which arrangement that ended: the
-- one that was believed at the very moment, for the fallback was recorded just after the plan.
SELECT EXISTS (SELECT FROM arrangement f
               WHERE f.unit_kind = p.unit_kind AND f.unit_code = p.unit_code AND f.is_gov_fallback
                 AND lower(f.valid) = p.entered_on AND lower(f.recorded) > lower(p.recorded)) AS followed,
       ended.id AS ended
FROM compound_plan p
LEFT JOIN arrangement ended ON ended.unit_kind = p.unit_kind AND ended.unit_code = p.unit_code
     AND ended.valid @> p.entered_on AND ended.recorded @> lower(p.recorded)
WHERE p.id = :plan

INSERT INTO plan (name, area_code, parent_id, parameters, findings, created_by)
VALUES (:name, :area, :parent, :parameters, :findings, access.actor())
RETURNING id

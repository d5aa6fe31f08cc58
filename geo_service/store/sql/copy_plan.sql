INSERT INTO plan (name, area_code, parent_id, parameters, findings, created_by)
SELECT :name, :area, p.id, p.parameters || jsonb_build_object('copied_revision', :revision), p.findings, access.actor()
FROM plan p WHERE p.id = :plan
RETURNING id

INSERT INTO unit_alias (community_code, spelling, written_code, unit_kind, unit_code, import_id, source_row)
VALUES (:community_code, :spelling, :written_code, :unit_kind, :unit_code, :import_id, :source_row)
ON CONFLICT (community_code, spelling, written_code) DO UPDATE
SET unit_kind = excluded.unit_kind, unit_code = excluded.unit_code, import_id = excluded.import_id,
    source_row = excluded.source_row
WHERE ROW(unit_alias.unit_kind, unit_alias.unit_code) <> ROW(excluded.unit_kind, excluded.unit_code)

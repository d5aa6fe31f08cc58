-- Other spellings of units, each confirmed by a person: what a ledger of this community calls by this name, and by
-- this code where it has one of its own (empty where it has none), is that unit.
CREATE TABLE unit_alias (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community_code text NOT NULL REFERENCES area (code),
    spelling text NOT NULL CHECK (spelling <> ''),
    written_code text NOT NULL DEFAULT '',
    unit_kind text NOT NULL CHECK (unit_kind IN ('compound', 'building')),
    unit_code text NOT NULL,
    import_id bigint REFERENCES import_record (id),
    source_row integer,
    UNIQUE (community_code, spelling, written_code)
);

ALTER TABLE unit_alias ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON unit_alias TO geo_service_app;
CREATE POLICY reader ON unit_alias FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON unit_alias FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON unit_alias FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE TRIGGER own_insert AFTER INSERT ON unit_alias REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_units();
CREATE TRIGGER own_update AFTER UPDATE ON unit_alias REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_units();
CREATE TRIGGER audit_insert AFTER INSERT ON unit_alias REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_bulk_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON unit_alias REFERENCING OLD TABLE AS old_rows
    NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON unit_alias REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

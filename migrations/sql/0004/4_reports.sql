-- Which unit handed in the report of a rhythm for a period, and on which day; entered anew, the earlier entry
-- stays as history. period is the first day of the period; when it was due is for the profile to say.
CREATE TABLE report_receipt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code text NOT NULL REFERENCES area (code),
    profile_key text NOT NULL,
    rhythm text NOT NULL,
    period date NOT NULL,
    received_on date NOT NULL CHECK (received_on >= period),
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CONSTRAINT report_receipt_one_at_a_time
        EXCLUDE USING gist (area_code WITH =, profile_key WITH =, rhythm WITH =, period WITH =, recorded WITH &&)
);
CREATE INDEX report_receipt_area_code ON report_receipt (area_code);

-- Receipts are read and written within scope, and withdrawn by closing them, never deleted.
ALTER TABLE report_receipt ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON report_receipt TO geo_service_app;
CREATE POLICY reader ON report_receipt FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON report_receipt FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON report_receipt FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE TRIGGER audit_insert AFTER INSERT ON report_receipt REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON report_receipt REFERENCING OLD TABLE AS old_rows
    NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON report_receipt REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

-- A viewer reads coverage alone: of the bulletins, all but the scores of single units.
DROP POLICY reader ON bulletin;
CREATE POLICY reader ON bulletin FOR SELECT USING (
    ((SELECT access.is_reader()) OR ((SELECT access.role()) = 'viewer' AND kind <> 'evaluation_list'))
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));

-- 异议: what somebody objected to in a bulletin while objections were taken. It stands beside what was told.
ALTER TABLE bulletin ADD CONSTRAINT bulletin_id_area_code_key UNIQUE (id, area_code);
CREATE TABLE objection (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bulletin_id bigint NOT NULL,
    area_code text NOT NULL REFERENCES area (code),
    objector text NOT NULL CHECK (btrim(objector) <> ''),
    wording text NOT NULL CHECK (btrim(wording) <> ''),
    objected_on date NOT NULL,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (bulletin_id, area_code) REFERENCES bulletin (id, area_code)
);
CREATE INDEX objection_bulletin_id ON objection (bulletin_id);

-- Who objects is for readers of data alone; like a bulletin, an objection is never changed.
ALTER TABLE objection ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON objection TO geo_service_app;
CREATE POLICY reader ON objection FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON objection FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE TRIGGER audit_insert AFTER INSERT ON objection REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON objection REFERENCING OLD TABLE AS old_rows
    NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON objection REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

-- Everybody reads which profiles there are; an administrator of the whole deployment adopts one, nobody changes one.
ALTER TABLE policy_profile ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON policy_profile TO geo_service_app;
CREATE POLICY reader ON policy_profile FOR SELECT USING ((SELECT access.role()) IS NOT NULL);
CREATE POLICY writer_insert ON policy_profile FOR INSERT WITH CHECK (
    (SELECT access.role()) = 'admin' AND (SELECT access.scope()) = '*');

-- Decisions are read and written within scope, and withdrawn by closing them, never deleted.
ALTER TABLE form_decision ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON form_decision TO geo_service_app;
CREATE POLICY reader ON form_decision FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON form_decision FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON form_decision FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));

-- So are evaluations.
ALTER TABLE evaluation ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON evaluation TO geo_service_app;
CREATE POLICY reader ON evaluation FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON evaluation FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON evaluation FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));

-- A bulletin is read by whoever may read coverage there, and issued by whoever may write; nobody changes one.
ALTER TABLE bulletin ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON bulletin TO geo_service_app;
CREATE POLICY reader ON bulletin FOR SELECT USING (
    ((SELECT access.is_reader()) OR (SELECT access.role()) = 'viewer')
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON bulletin FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));

CREATE OR REPLACE FUNCTION access.row_key(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(r ->> 'code', r ->> 'id', r ->> 'person_code',
                   (r ->> 'plan_id') || '/' || coalesce(r ->> 'building_code', r ->> 'community_code'),
                   (r ->> 'key') || '/' || (r ->> 'version')) $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['policy_profile', 'form_decision', 'evaluation', 'bulletin'] LOOP
        EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts()', name);
        EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                       'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates()', name);
        EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes()', name);
    END LOOP;
END $$;

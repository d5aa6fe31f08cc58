-- Records are read and written within scope, and superseded by closing them, never deleted.
ALTER TABLE unit_record ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON unit_record TO geo_service_app;
CREATE POLICY reader ON unit_record FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON unit_record FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON unit_record FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE TRIGGER own_insert AFTER INSERT ON unit_record REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_units();
CREATE TRIGGER own_update AFTER UPDATE ON unit_record REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_units();
CREATE TRIGGER audit_insert AFTER INSERT ON unit_record REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_bulk_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON unit_record REFERENCING OLD TABLE AS old_rows
    NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON unit_record REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

-- What is derived is written by the functions of 2_history.sql alone.
ALTER TABLE unit_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON unit_history TO geo_service_app;
CREATE POLICY reader ON unit_history FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY chief ON unit_history FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND unit_kind = 'building' AND unit_code IN (SELECT access.post_buildings()));

-- Counts are no secret of a unit: whoever reads coverage there reads them.
ALTER TABLE coverage_change ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON coverage_change TO geo_service_app;
CREATE POLICY reader ON coverage_change FOR SELECT USING (
    ((SELECT access.is_reader()) OR (SELECT access.role()) = 'viewer')
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
ALTER TABLE unit_state ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON unit_state TO geo_service_app;
CREATE POLICY reader ON unit_state FOR SELECT USING ((SELECT access.role()) IS NOT NULL);

DROP FUNCTION coverage_counts(text, date, text[], timestamptz), unit_status(date, text[], timestamptz),
    compound_status(date, text[], timestamptz), building_status(date, text[], timestamptz);

-- What is there already has been known for as long as anybody can ask.
SELECT access.refresh_communities(array_agg(code), '-infinity') FROM area WHERE kind = 'community';

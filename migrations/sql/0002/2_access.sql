-- The outcome of a community is read, written, audited and frozen as its zones are.

ALTER TABLE plan_outcome ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON plan_outcome TO geo_service_app;

CREATE POLICY reader ON plan_outcome FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON plan_outcome FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON plan_outcome FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_delete ON plan_outcome FOR DELETE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));

CREATE TRIGGER audit_insert AFTER INSERT ON plan_outcome REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON plan_outcome REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON plan_outcome REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

CREATE TRIGGER frozen_insert AFTER INSERT ON plan_outcome REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen();
CREATE TRIGGER frozen_update AFTER UPDATE ON plan_outcome REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen();
CREATE TRIGGER frozen_delete AFTER DELETE ON plan_outcome REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen();

CREATE TRIGGER own_insert AFTER INSERT ON plan_outcome REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_zones();
CREATE TRIGGER own_update AFTER UPDATE ON plan_outcome REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_foreign_zones();

-- The trail keeps the buildings of a zone in the order of its walk, where there is one.
CREATE OR REPLACE FUNCTION access.audit_bulk_members() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, row_count, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', TG_TABLE_NAME, zone_id::text, count(*),
           jsonb_build_object('plan_id', plan_id,
                              'buildings', jsonb_agg(building_code ORDER BY visit_order, building_code))
    FROM new_rows GROUP BY plan_id, zone_id;
    RETURN NULL;
END $$;

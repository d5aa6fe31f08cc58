-- Who filled in the ledger sheet of a community, who is in charge, and their phones: the sheet's footer, as it
-- stood on the day the ledger speaks of. Imported anew for that day, the earlier entry stays as history.
CREATE TABLE ledger_footer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    community_code text NOT NULL REFERENCES area (code),
    on_date date NOT NULL,
    filler text,
    filler_phone text,
    person_in_charge text,
    charge_phone text,
    file_name text NOT NULL,
    sheet text NOT NULL,
    recorded_by text NOT NULL,
    recorded tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    CHECK (num_nonnulls(filler, filler_phone, person_in_charge, charge_phone) > 0),
    CONSTRAINT ledger_footer_one_at_a_time
        EXCLUDE USING gist (community_code WITH =, on_date WITH =, recorded WITH &&)
);
CREATE INDEX ledger_footer_community_code ON ledger_footer (community_code);

-- Names and phones of people: those who write the ledger of an area read them, its other readers do not.
ALTER TABLE ledger_footer ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON ledger_footer TO geo_service_app;
CREATE POLICY writer ON ledger_footer FOR SELECT USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON ledger_footer FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_update ON ledger_footer FOR UPDATE USING (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR community_code IN (SELECT access.areas_in_scope())));

-- The trail keeps no second copy of these phones either.
CREATE OR REPLACE FUNCTION access.audited(r jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$
    SELECT CASE WHEN r ? 'private_phone'
                THEN jsonb_set(r, '{private_phone}', to_jsonb('****' || right(r ->> 'private_phone', 4)))
                WHEN r ? 'filler_phone'
                THEN r || jsonb_strip_nulls(jsonb_build_object(
                         'filler_phone', '****' || right(r ->> 'filler_phone', 4),
                         'charge_phone', '****' || right(r ->> 'charge_phone', 4)))
                ELSE r - 'geom_3857' END
$$;
CREATE TRIGGER audit_insert AFTER INSERT ON ledger_footer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_inserts();
CREATE TRIGGER audit_update AFTER UPDATE ON ledger_footer REFERENCING OLD TABLE AS old_rows
    NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON ledger_footer REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

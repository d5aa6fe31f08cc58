-- What was done to a plan, one row an edit, never changed: the undo stack and the trail at once.
--
-- An edit is an order with its inverse, which gives every zone it touched as it was before (null: there was none).
-- Taking an edit back and doing it again are rows of their own, which name it. Undo takes back the newest edit that
-- stands; redo does again what was taken back last since the newest order, after which there is nothing to do again,
-- though what was taken back stays on record. Each row says which edits these are after it, and finds them in the rows
-- before: what stands once edit n is taken back is what stood before n, and what is left to do again once n is done
-- again is what was left before n was taken back. So a look at the newest row is enough, however long the history.
-- Rows without an inverse are no edits of zones: chiefs appointed, the plan handed in, reopened or published.
ALTER TABLE plan ADD UNIQUE (id, area_code);
CREATE TABLE plan_edit (
    plan_id bigint NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    area_code text NOT NULL,
    revision integer NOT NULL,                      -- of the plan, after the edit
    actor text NOT NULL DEFAULT access.actor(),
    role text NOT NULL DEFAULT coalesce(access.role(), 'owner'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL CHECK (kind IN (
        'assign', 'assign_within', 'new_zone', 'new_zone_within', 'merge', 'split_by_line', 'split', 'rename', 'lock',
        'unlock', 'delete', 'undo', 'redo', 'appoint', 'hand_in', 'reopen', 'publish')),
    community_code text REFERENCES area (code),
    zones text[] NOT NULL DEFAULT '{}',             -- codes of the zones that changed, came or went
    buildings integer NOT NULL DEFAULT 0,           -- how many came into another zone, or into none
    edit jsonb NOT NULL,                            -- the order as it was said
    inverse jsonb,
    of_number integer,                              -- which edit was taken back, or done again
    stands integer,                                 -- what undo would take back now
    again integer,                                  -- what redo would do again now
    PRIMARY KEY (plan_id, number),
    UNIQUE (plan_id, revision),
    FOREIGN KEY (plan_id, area_code) REFERENCES plan (id, area_code) ON DELETE CASCADE,
    FOREIGN KEY (plan_id, of_number) REFERENCES plan_edit (plan_id, number),
    CHECK ((kind IN ('undo', 'redo')) = (of_number IS NOT NULL)),
    CHECK (of_number < number),
    CHECK ((kind IN ('appoint', 'hand_in', 'reopen', 'publish')) = (inverse IS NULL))
);
CREATE INDEX plan_edit_of_number ON plan_edit (plan_id, of_number, number) WHERE of_number IS NOT NULL;
CREATE INDEX plan_edit_community_code ON plan_edit (plan_id, community_code);
CREATE INDEX plan_edit_area_code ON plan_edit (area_code);

-- Read and written by whoever may read and write the plan, in the writer's own name.
ALTER TABLE plan_edit ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON plan_edit TO geo_service_app;
CREATE POLICY reader ON plan_edit FOR SELECT USING (
    (SELECT access.is_reader())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));
CREATE POLICY writer_insert ON plan_edit FOR INSERT WITH CHECK (
    (SELECT access.is_writer()) AND actor = (SELECT access.actor()) AND role = (SELECT access.role())
    AND ((SELECT access.scope()) = '*' OR area_code IN (SELECT access.areas_in_scope())));

CREATE OR REPLACE FUNCTION access.row_key(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(r ->> 'code', r ->> 'id', r ->> 'person_code',
                   (r ->> 'plan_id') || '/' || coalesce(r ->> 'building_code', r ->> 'number', r ->> 'community_code'),
                   (r ->> 'key') || '/' || (r ->> 'version')) $$;

CREATE TRIGGER audit_update AFTER UPDATE ON plan_edit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates();
CREATE TRIGGER audit_delete AFTER DELETE ON plan_edit REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes();

-- Zones are edited in drafts alone.
CREATE FUNCTION access.refuse_edits_of_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN plan p ON p.id = n.plan_id
               WHERE n.inverse IS NOT NULL AND p.state IN ('published', 'superseded')) THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = 'a published plan is not edited';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER frozen_insert AFTER INSERT ON plan_edit REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_edits_of_frozen();
REVOKE EXECUTE ON FUNCTION access.refuse_edits_of_frozen() FROM public;

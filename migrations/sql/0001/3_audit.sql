-- Every write leaves a row: who, when, what, before, after. The triggers run as the owner, so that the
-- application role can add to the trail only by writing, and never touch it.

CREATE FUNCTION access.row_key(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(r ->> 'code', r ->> 'id', r ->> 'person_code',
                   (r ->> 'plan_id') || '/' || coalesce(r ->> 'building_code', r ->> 'community_code')) $$;

CREATE FUNCTION access.audit_inserts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', TG_TABLE_NAME, access.row_key(j), j - 'geom_3857'
    FROM (SELECT to_jsonb(n) AS j FROM new_rows n) AS rows;
    RETURN NULL;
END $$;

-- Bulk tables: new rows carry import_id and source_row, so one line for all of them is enough.
CREATE FUNCTION access.audit_bulk_inserts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_count, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', TG_TABLE_NAME, count(*),
           jsonb_build_object('import_id', max(import_id), 'first_source_row', min(source_row),
                              'last_source_row', max(source_row))
    FROM new_rows HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE FUNCTION access.audit_bulk_members() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, row_count, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', TG_TABLE_NAME, zone_id::text, count(*),
           jsonb_build_object('plan_id', plan_id, 'buildings', jsonb_agg(building_code ORDER BY building_code))
    FROM new_rows GROUP BY plan_id, zone_id;
    RETURN NULL;
END $$;

CREATE FUNCTION access.audit_updates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'update', TG_TABLE_NAME, access.row_key(n.j),
           o.j - 'geom_3857', n.j - 'geom_3857'
    FROM (SELECT to_jsonb(r) AS j FROM old_rows r) AS o
    JOIN (SELECT to_jsonb(r) AS j FROM new_rows r) AS n ON access.row_key(o.j) = access.row_key(n.j);
    RETURN NULL;
END $$;

CREATE FUNCTION access.audit_deletes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'delete', TG_TABLE_NAME, access.row_key(j), j - 'geom_3857'
    FROM (SELECT to_jsonb(o) AS j FROM old_rows o) AS rows;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
    insert_function text;
BEGIN
    FOREACH name IN ARRAY ARRAY['deployment', 'import_record', 'area', 'compound', 'building', 'barrier', 'walkway', 'person',
                                'person_contact', 'arrangement', 'plan', 'plan_publication', 'zone',
                                'zone_member', 'post']
    LOOP
        insert_function := CASE
            WHEN name IN ('compound', 'building', 'barrier', 'walkway', 'person', 'arrangement') THEN 'audit_bulk_inserts'
            WHEN name = 'zone_member' THEN 'audit_bulk_members'
            ELSE 'audit_inserts' END;
        EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.%I()', name, insert_function);
        EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_updates()', name);
        EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.audit_deletes()', name);
    END LOOP;
END $$;

-- Published is frozen: no zone of a published or superseded plan is ever changed or removed.
CREATE FUNCTION access.refuse_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.plan_id ELSE OLD.plan_id END;
BEGIN
    IF EXISTS (SELECT FROM plan WHERE id = touched AND state IN ('published', 'superseded')) THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = 'plan ' || touched || ' is published and frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON zone FOR EACH ROW EXECUTE FUNCTION access.refuse_frozen();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON zone_member FOR EACH ROW EXECUTE FUNCTION access.refuse_frozen();

CREATE FUNCTION access.refuse_frozen_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF OLD.state IN ('published', 'superseded') AND (
        TG_OP = 'DELETE'
        OR NEW.state NOT IN ('published', 'superseded')
        OR (NEW.name, NEW.area_code, NEW.parameters, NEW.created_by, NEW.created_at)
           IS DISTINCT FROM (OLD.name, OLD.area_code, OLD.parameters, OLD.created_by, OLD.created_at))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = 'plan ' || OLD.id || ' is published and frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION access.refuse_frozen_plan();

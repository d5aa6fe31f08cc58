-- Every write leaves a row: who, when, what, before, after. The triggers run as the owner, so that the
-- application role can add to the trail only by writing, and never touch it.

CREATE FUNCTION access.row_key(r jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(r ->> 'code', r ->> 'id', r ->> 'person_code',
                   (r ->> 'plan_id') || '/' || coalesce(r ->> 'building_code', r ->> 'community_code')) $$;

-- A row as the trail keeps it: without derived geometry, and without a second copy of a private phone.
CREATE FUNCTION access.audited(r jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$
    SELECT CASE WHEN r ? 'private_phone'
                THEN jsonb_set(r, '{private_phone}', to_jsonb('****' || right(r ->> 'private_phone', 4)))
                ELSE r - 'geom_3857' END
$$;

CREATE FUNCTION access.audit_inserts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', TG_TABLE_NAME, access.row_key(j), access.audited(j)
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
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'update', TG_TABLE_NAME, coalesce(access.row_key(n.j), access.row_key(o.j)),
           access.audited(o.j), access.audited(n.j)
    FROM (SELECT to_jsonb(r) AS j FROM old_rows r) AS o
    FULL JOIN (SELECT to_jsonb(r) AS j FROM new_rows r) AS n ON access.row_key(o.j) = access.row_key(n.j);
    RETURN NULL;
END $$;

CREATE FUNCTION access.audit_deletes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'delete', TG_TABLE_NAME, access.row_key(j), access.audited(j)
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

-- Published is frozen: no zone of a published or superseded plan is ever changed or removed, nor one added.
-- An update passes both its old and its new rows: it could carry a zone from plan to plan.
CREATE FUNCTION access.refuse_frozen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    frozen boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        frozen := EXISTS (SELECT FROM plan WHERE id IN (SELECT plan_id FROM new_rows)
                          AND state IN ('published', 'superseded'));
    ELSIF TG_OP = 'DELETE' THEN
        frozen := EXISTS (SELECT FROM plan WHERE id IN (SELECT plan_id FROM old_rows)
                          AND state IN ('published', 'superseded'));
    ELSE
        frozen := EXISTS (SELECT FROM plan
                          WHERE id IN (SELECT plan_id FROM old_rows UNION ALL SELECT plan_id FROM new_rows)
                          AND state IN ('published', 'superseded'));
    END IF;
    IF frozen THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = TG_TABLE_NAME || ' of a published plan is frozen';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['zone', 'zone_member'] LOOP
        EXECUTE format('CREATE TRIGGER frozen_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen()', name);
        EXECUTE format('CREATE TRIGGER frozen_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
                       'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen()', name);
        EXECUTE format('CREATE TRIGGER frozen_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_frozen()', name);
    END LOOP;
END $$;

CREATE FUNCTION access.refuse_frozen_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF OLD.state IN ('published', 'superseded') AND (
        TG_OP = 'DELETE'
        OR NEW.state NOT IN ('published', 'superseded')
        OR (OLD.state = 'superseded' AND NEW.state = 'published')
        OR (NEW.name, NEW.area_code, NEW.parent_id, NEW.parameters, NEW.findings, NEW.created_by, NEW.created_at)
           IS DISTINCT FROM
           (OLD.name, OLD.area_code, OLD.parent_id, OLD.parameters, OLD.findings, OLD.created_by, OLD.created_at))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = 'plan ' || OLD.id || ' is published and frozen';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON plan FOR EACH ROW EXECUTE FUNCTION access.refuse_frozen_plan();

-- What was in force stays on record: a publication is of a frozen plan, starts once, and can only end earlier.
CREATE FUNCTION access.refuse_rewritten_publication() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF TG_OP = 'DELETE'
       OR (TG_OP = 'UPDATE' AND ((NEW.plan_id, NEW.community_code) IS DISTINCT FROM (OLD.plan_id, OLD.community_code)
                                 OR lower(NEW.effective) IS DISTINCT FROM lower(OLD.effective)
                                 OR NOT NEW.effective <@ OLD.effective))
       OR (TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM plan WHERE id = NEW.plan_id AND state = 'published'))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'GS001', MESSAGE = 'a publication is not rewritten';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON plan_publication
    FOR EACH ROW EXECUTE FUNCTION access.refuse_rewritten_publication();

-- A plan is superseded when no community of it is open and none is still to come. SECURITY DEFINER: the
-- planner of one community may end what a plan of the whole county holds there.
CREATE FUNCTION access.supersede_closed_plans() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    UPDATE plan SET state = 'superseded', revision = revision + 1
    WHERE id IN (SELECT plan_id FROM new_rows) AND state = 'published'
      AND NOT EXISTS (
          SELECT FROM zone z
          LEFT JOIN plan_publication u ON u.plan_id = z.plan_id AND u.community_code = z.community_code
          WHERE z.plan_id = plan.id AND (u.plan_id IS NULL OR upper_inf(u.effective)));
    RETURN NULL;
END $$;
CREATE TRIGGER supersede AFTER UPDATE ON plan_publication REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.supersede_closed_plans();

-- Row-level security looks at one row; these look at what the row points to. Without them a planner could
-- count the buildings of another community as served by a zone of his own, or manage its units.
CREATE FUNCTION access.refuse_foreign_members() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN building b ON b.code = n.building_code
               WHERE b.community_code <> n.community_code) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a zone holds buildings of its own community only';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION access.refuse_foreign_units() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN compound c ON n.unit_kind = 'compound' AND c.code = n.unit_code
        LEFT JOIN building b ON n.unit_kind = 'building' AND b.code = n.unit_code
        WHERE n.community_code IS DISTINCT FROM coalesce(c.community_code, b.community_code)) THEN
        RAISE insufficient_privilege USING MESSAGE = 'an arrangement is for a unit of its own community';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION access.refuse_foreign_zones() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN plan p ON p.id = n.plan_id JOIN area a ON a.code = n.community_code
        WHERE NOT a.lineage @> ARRAY[p.area_code]) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a zone lies in the area of its plan';
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    pair text[];
BEGIN
    FOREACH pair SLICE 1 IN ARRAY ARRAY[['zone_member', 'refuse_foreign_members'],
                                        ['arrangement', 'refuse_foreign_units'], ['zone', 'refuse_foreign_zones']]
    LOOP
        EXECUTE format('CREATE TRIGGER own_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.%I()', pair[1], pair[2]);
        EXECUTE format('CREATE TRIGGER own_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION access.%I()', pair[1], pair[2]);
    END LOOP;
END $$;

-- A draft that is edited all day long changes its revision and a few zones at a time. The trail keeps of such an
-- update all that is short, and of what is long (outlines, explanations, parameters, findings) only what has changed:
-- what has not is in the trail already.
CREATE FUNCTION access.audit_plan_updates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, before, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'update', 'plan', coalesce(n.id, o.id)::text,
           to_jsonb(o) - same.columns, to_jsonb(n) - same.columns
    FROM old_rows o
    FULL JOIN new_rows n ON n.id = o.id
    CROSS JOIN LATERAL (SELECT CASE WHEN o.parameters = n.parameters THEN ARRAY['parameters'] ELSE '{}' END
                               || CASE WHEN o.findings = n.findings THEN ARRAY['findings'] ELSE '{}' END AS columns) AS same;
    RETURN NULL;
END $$;
DROP TRIGGER audit_update ON plan;
CREATE TRIGGER audit_update AFTER UPDATE ON plan REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_plan_updates();

-- Row by row, and an outline that has changed as PostGIS writes it: as GeoJSON it takes longer than all the rest of an
-- edit, the one in the map's projection as long again.
CREATE FUNCTION access.audit_zone_updates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    was zone;
    is_now zone;
    old_outline jsonb;
    new_outline jsonb;
    apart text[];
BEGIN
    FOR was IN SELECT * FROM old_rows LOOP
        SELECT * INTO is_now FROM new_rows r WHERE r.id = was.id;
        apart := ARRAY['geom', 'geom_3857'];
        old_outline := '{}';
        new_outline := '{}';
        IF NOT coalesce(ST_OrderingEquals(was.geom, is_now.geom), false) THEN
            old_outline := jsonb_build_object('geom', was.geom::text);
            new_outline := jsonb_build_object('geom', is_now.geom::text);
        END IF;
        IF was.explanation = is_now.explanation THEN
            apart := apart || 'explanation'::text;
        END IF;
        was.geom := NULL;
        was.geom_3857 := NULL;
        is_now.geom := NULL;
        is_now.geom_3857 := NULL;
        INSERT INTO audit (actor, role, action, table_name, row_key, before, after)
        VALUES (access.actor(), coalesce(access.role(), 'owner'), 'update', 'zone', coalesce(is_now.code, was.code),
                (to_jsonb(was) - apart) || old_outline, (to_jsonb(is_now) - apart) || new_outline);
    END LOOP;
    RETURN NULL;
END $$;
DROP TRIGGER audit_update ON zone;
CREATE TRIGGER audit_update AFTER UPDATE ON zone REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_zone_updates();
-- Nor a second copy of what takes an edit back: its own table is never changed, and what is deleted is kept whole.
CREATE FUNCTION access.audit_edits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    INSERT INTO audit (actor, role, action, table_name, row_key, after)
    SELECT access.actor(), coalesce(access.role(), 'owner'), 'insert', 'plan_edit', plan_id || '/' || number,
           to_jsonb(n) - 'inverse'
    FROM new_rows n;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_insert AFTER INSERT ON plan_edit REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION access.audit_edits();

REVOKE EXECUTE ON FUNCTION access.audit_plan_updates(), access.audit_zone_updates(), access.audit_edits() FROM public;

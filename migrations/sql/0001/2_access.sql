-- Who asks. store/session.py sets geo.actor, geo.role, geo.scope and geo.post by SET LOCAL in every
-- transaction and drops to the role geo_service_app, which owns nothing and so obeys every policy.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'geo_service_app') THEN
        CREATE ROLE geo_service_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster was faster
END $$;
GRANT geo_service_app TO current_user;
GRANT USAGE ON SCHEMA public TO geo_service_app;

CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access TO geo_service_app;

CREATE FUNCTION access.actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('geo.actor', true), ''), session_user) $$;

CREATE FUNCTION access.role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('geo.role', true), '') $$;

CREATE FUNCTION access.scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('geo.scope', true), '') $$;

CREATE FUNCTION access.post() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('geo.post', true), '')::bigint $$;

-- Codes of every area inside a scope that is not '*' (whoever asks tests for that first: it costs nothing).
-- SECURITY DEFINER: the policies that ask it guard area itself.
CREATE FUNCTION access.areas_in_scope() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT code FROM area WHERE lineage @> ARRAY[access.scope()] $$;

-- The areas above the scope: names on a map's crumb trail, nothing more.
CREATE FUNCTION access.areas_above_scope() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT unnest(lineage) FROM area WHERE code = access.scope() $$;

-- The zone of the chief's post, until the post ends.
CREATE FUNCTION access.post_zone() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT zone_id FROM post
    WHERE id = access.post() AND coalesce(upper(valid) > current_date, true)
$$;

CREATE FUNCTION access.post_buildings() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT building_code FROM zone_member WHERE zone_id IN (SELECT access.post_zone()) $$;

CREATE FUNCTION access.post_plan() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT plan_id FROM zone WHERE id IN (SELECT access.post_zone()) $$;

CREATE FUNCTION access.is_reader() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(access.role() IN ('admin', 'planner', 'gis'), false) $$;

CREATE FUNCTION access.is_writer() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(access.role() IN ('admin', 'planner'), false) $$;

-- Tables with a community_code: readers and writers within scope.
DO $$
DECLARE
    name text;
    in_scope constant text := '((SELECT access.scope()) = ''*'' OR %I IN (SELECT access.areas_in_scope()))';
    area_column text;
BEGIN
    FOREACH name IN ARRAY ARRAY['compound', 'building', 'arrangement', 'zone', 'zone_member', 'plan_publication',
                                'post', 'person', 'plan', 'barrier', 'walkway', 'area']
    LOOP
        area_column := CASE WHEN name IN ('plan', 'barrier', 'walkway') THEN 'area_code'
                            WHEN name = 'area' THEN 'code' ELSE 'community_code' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO geo_service_app', name);
        IF name NOT IN ('barrier', 'walkway', 'area') THEN
            EXECUTE format('CREATE POLICY reader ON %I FOR SELECT USING ((SELECT access.is_reader()) AND '
                           || in_scope || ')', name, area_column);
        END IF;
        IF name <> 'area' THEN
            EXECUTE format('CREATE POLICY writer_insert ON %I FOR INSERT WITH CHECK ((SELECT access.is_writer()) AND '
                           || in_scope || ')', name, area_column);
            EXECUTE format('CREATE POLICY writer_update ON %I FOR UPDATE USING ((SELECT access.is_writer()) AND '
                           || in_scope || ')', name, area_column);
        END IF;
        EXECUTE format('CREATE POLICY writer_delete ON %I FOR DELETE USING ((SELECT access.is_writer()) AND '
                       || in_scope || ')', name, area_column);
    END LOOP;
END $$;

-- An area: everybody reads names and borders of the scope and of what lies above it.
CREATE POLICY reader ON area FOR SELECT USING (
    (SELECT access.role()) IS NOT NULL
    AND ((SELECT access.scope()) = '*' OR code IN (SELECT access.areas_in_scope())
         OR code IN (SELECT access.areas_above_scope())));
-- A new area lies in the scope when its parent does; the root is the administrator's.
CREATE POLICY writer_insert ON area FOR INSERT WITH CHECK (
    (SELECT access.is_writer())
    AND ((SELECT access.scope()) = '*' OR lineage @> ARRAY[(SELECT access.scope())]));

-- Nor may an area be moved out of the scope by a new lineage.
CREATE POLICY writer_update ON area FOR UPDATE
USING ((SELECT access.is_writer())
       AND ((SELECT access.scope()) = '*' OR code IN (SELECT access.areas_in_scope())))
WITH CHECK ((SELECT access.is_writer())
            AND ((SELECT access.scope()) = '*' OR lineage @> ARRAY[(SELECT access.scope())]));

-- What is published for a larger area holds inside the scope too; its drafts are not ours to read.
CREATE POLICY published_above ON plan FOR SELECT USING (
    (SELECT access.is_reader()) AND state IN ('published', 'superseded')
    AND area_code IN (SELECT access.areas_above_scope()));

-- Rivers and lanes are nobody's secret: everybody who plans or walks reads them all.
CREATE POLICY reader ON barrier FOR SELECT USING ((SELECT access.is_reader()) OR (SELECT access.role()) = 'chief');
CREATE POLICY reader ON walkway FOR SELECT USING ((SELECT access.is_reader()) OR (SELECT access.role()) = 'chief');

-- A chief reads the one zone of the post: its buildings, its outline, who serves it.
CREATE POLICY chief ON zone FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND id IN (SELECT access.post_zone()));
CREATE POLICY chief ON zone_member FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND zone_id IN (SELECT access.post_zone()));
CREATE POLICY chief ON building FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND code IN (SELECT access.post_buildings()));
CREATE POLICY chief ON post FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND zone_id IN (SELECT access.post_zone()));
CREATE POLICY chief ON plan FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND id IN (SELECT access.post_plan()));
CREATE POLICY chief ON plan_publication FOR SELECT USING (
    (SELECT access.role()) = 'chief' AND plan_id IN (SELECT access.post_plan()));
CREATE POLICY chief ON person FOR SELECT USING (
    (SELECT access.role()) = 'chief'
    AND code IN (SELECT person_code FROM post WHERE zone_id IN (SELECT access.post_zone())));

-- Private phones: an administrator reads them, everybody else sees the masked form below.
ALTER TABLE person_contact ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON person_contact TO geo_service_app;
CREATE POLICY admin ON person_contact FOR SELECT USING (
    (SELECT access.role()) = 'admin'
    AND EXISTS (SELECT FROM person WHERE person.code = person_code));

CREATE FUNCTION access.masked_phone(person_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT CASE
        WHEN access.role() = 'admin' THEN c.private_phone
        WHEN length(c.private_phone) >= 8 THEN left(c.private_phone, 3) || '****' || right(c.private_phone, 4)
        ELSE '****'
    END
    FROM person_contact c
    JOIN person p ON p.code = c.person_code
    WHERE c.person_code = masked_phone.person_code
      AND access.is_reader()
      AND (access.scope() = '*' OR p.community_code IN (SELECT access.areas_in_scope()))
$$;

-- Writers may store a private phone without being able to read one back.
CREATE FUNCTION access.store_private_phones(codes text[], phones text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE stored integer;
BEGIN
    IF NOT access.is_writer() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only administrators and planners store phones';
    END IF;
    INSERT INTO person_contact (person_code, private_phone)
    SELECT given.code, given.phone
    FROM unnest(codes, phones) AS given (code, phone)
    JOIN person p ON p.code = given.code
    WHERE given.phone IS NOT NULL
      AND (access.scope() = '*' OR p.community_code IN (SELECT access.areas_in_scope()))
    ON CONFLICT (person_code) DO UPDATE SET private_phone = excluded.private_phone
    WHERE person_contact.private_phone IS DISTINCT FROM excluded.private_phone;
    GET DIAGNOSTICS stored = ROW_COUNT;
    RETURN stored;
END $$;

GRANT SELECT ON deployment TO geo_service_app;
GRANT INSERT, UPDATE ON deployment TO geo_service_app;
ALTER TABLE deployment ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON deployment FOR SELECT USING (true);
CREATE POLICY writer_insert ON deployment FOR INSERT WITH CHECK ((SELECT access.is_writer()));
CREATE POLICY writer_update ON deployment FOR UPDATE USING (
    (SELECT access.role()) = 'admin' AND (SELECT access.scope()) = '*');

GRANT SELECT, INSERT, UPDATE ON import_record TO geo_service_app;
ALTER TABLE import_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON import_record FOR SELECT USING (
    (SELECT access.is_writer()) AND ((SELECT access.scope()) = '*' OR actor = (SELECT access.actor())));
CREATE POLICY writer_insert ON import_record FOR INSERT WITH CHECK (
    (SELECT access.is_writer()) AND actor = (SELECT access.actor()));
CREATE POLICY writer_update ON import_record FOR UPDATE USING (
    (SELECT access.is_writer()) AND actor = (SELECT access.actor()));

GRANT SELECT ON audit TO geo_service_app;
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON audit FOR SELECT USING (
    (SELECT access.role()) = 'admin' AND (SELECT access.scope()) = '*');

-- Row-level security keeps an operator out of index conditions, and its statistics out of estimates, unless it
-- is leakproof. Comparing two bounding boxes, or a range with a date, raises no error that depends on the data,
-- so these are; without this every tile is a scan, and every date is taken to match one row.
DO $$
BEGIN
    ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
    ALTER FUNCTION range_contains_elem(anyrange, anyelement) LEAKPROOF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'not a superuser: spatial indexes stay unused under row-level security; ask the DBA to run '
                  'ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF; '
                  'ALTER FUNCTION range_contains_elem(anyrange, anyelement) LEAKPROOF';
END $$;
